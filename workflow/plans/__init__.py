"""Action plans: documents read into tasks, milestones and targets."""
