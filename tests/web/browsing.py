"""Moving from page to page in a browser, without reading the page that is being left."""

from playwright.sync_api import Locator, Page


def follow(link: Locator) -> Page:
    """Click what leads to another page; back when that page has been loaded.

    A click alone comes back while the old page still stands, or while none does: whatever is
    evaluated, counted or photographed then is told of the wrong one.
    """
    with link.page.expect_navigation():
        link.click()
    return link.page
