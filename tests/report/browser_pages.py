"""A real browser for the tests of pages: offline, and nothing may go wrong in it."""

import base64
import contextlib
import io
import shutil

import numpy as np
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DARK = {**DESK, "color_scheme": "dark"}


@contextlib.contextmanager
def launch_browser():
    """Start Chromium, or skip the test where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    arguments = ["--no-sandbox", "--disable-gpu"]
    with api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, headless=True, args=arguments)
        yield chromium
        chromium.close()


@contextlib.contextmanager
def open_pages(browser):
    """Give a function that opens a file offline; in the end nothing may have gone wrong in the page."""
    troubles, contexts = [], []

    def open_page(path, settings=DESK):
        address = path.as_uri()
        context = browser.new_context(offline=True, accept_downloads=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        page.on(
            "request", lambda r: r.url.startswith(("blob:", address)) or troubles.append(f"asked for {r.url}")
        )
        page.goto(address)
        page.wait_for_timeout(100)  # ms; one frame for the first drawing
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def ask(page, expression, argument=None):
    """Evaluate an expression of the viewer `v` of the first cluster and of `x`."""
    return page.evaluate(
        f"x => {{ const v = document.querySelector('.viewer').viewer; return {expression}; }}", argument
    )


def picture(page):
    """Return the pixels of the first 3D view, 0 to 255, shape (height, width, 4)."""
    from matplotlib.image import imread

    address = page.evaluate("document.querySelector('.viewer canvas').toDataURL()")
    return np.round(255 * imread(io.BytesIO(base64.b64decode(address.partition(",")[2])))).astype(int)
