"""Units, people, the posts they hold and whose rows they may see."""
