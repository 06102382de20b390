"""Take the pictures of pages that the documentation shows, from a run of the example project.

    python pipeline/docs/page_pictures.py        needs playwright and Chromium; half a minute

The pictures are small on purpose: who wants to see a page runs the example.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
CHROMIUM = Path("/usr/bin/chromium")
WIDTH, HEIGHT = 1100, 560
PICTURES = {
    "page-top": ("cells/rectifying-k.html", ""),
    "page-iv": ("cells/rectifying-k.html", "figure:has(#iv-1)"),
    "page-traces": ("cells/rectifying-k.html", "figure:has(#traces-1)"),
    "page-corrections": ("cells/rectifying-k.html", "figure:has(#corrections-1)"),
    "page-forces": ("cells/rectifying-k.html", "figure:has(#forces-1)"),
    "page-index": ("index.html", ""),
}
"""File, page, and the part of the page; its upper end where none is named."""


def take(page: Page, reports: Path) -> None:
    """Open every page once for each of its pictures and write them as JPEG."""
    for name, (file, part) in PICTURES.items():
        page.goto((reports / file).as_uri())
        if file != "index.html":
            page.wait_for_selector("html[data-plots=drawn]")
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => { d.open = %s; })"
            % ("true" if part else "false")
        )
        page.wait_for_timeout(1000)
        target = HERE / "figures" / f"{name}.jpg"
        shot = page.locator(part).first.screenshot if part else page.screenshot
        shot(path=target, type="jpeg", quality=60)
        print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Run the example in a folder of its own and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("config", "data"):
            shutil.copytree(PROJECT / part, Path(folder, part))
        path = os.pathsep.join([str(PROJECT / "pipeline"), os.environ.get("PYTHONPATH", "")])
        subprocess.run(
            [sys.executable, "-m", "permeant.cli", "run", folder],
            check=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        with sync_playwright() as driver:
            there = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
            browser = driver.chromium.launch(args=["--no-sandbox"], **there)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            take(page, Path(folder, "reports"))
            browser.close()


if __name__ == "__main__":
    main()
