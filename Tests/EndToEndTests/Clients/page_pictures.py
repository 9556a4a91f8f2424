"""Takes the pictures of the documentation.

    page_pictures.py HTTP_PORT CHROMIUM MANIFEST FOLDER
"""

import json
import os
import sys

from playwright.sync_api import sync_playwright

PATIENCE = 30_000  # ms


def main():
    port, chromium, manifest, folder = sys.argv[1:5]
    studies = json.load(open(manifest, encoding="utf-8"))["studies"]
    uids = {study["folder"]: study["studyInstanceUID"] for study in studies}
    base = f"http://127.0.0.1:{port}"
    exam, prior = uids["studies/12-ct-chest"], uids["studies/11-ct-chest"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(locale="en-GB", color_scheme="dark", viewport={"width": 1440, "height": 860})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{base}/studies/{exam}")
        page.locator(".prior summary").first.click()
        page.wait_for_load_state("networkidle")
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=os.path.join(folder, "page.png"))
        page.goto(f"{base}/view?current={exam}&prior={prior}")
        for pane in ("#current", "#prior"):
            page.wait_for_selector(f'{pane} [data-mark="stage"][data-state="shown"]')
        page.wait_for_load_state("networkidle")
        page.screenshot(path=os.path.join(folder, "viewer.png"))
        browser.close()


main()
