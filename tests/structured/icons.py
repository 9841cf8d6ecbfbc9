#!/usr/bin/env python3
"""Opens the icons of a site with a reader that others wrote, and reads the manifest: icons.py FOLDER"""
import json
import sys
from pathlib import Path

from PIL import Image

folder = Path(sys.argv[1])
found = []
SIDES = {"favicon.ico": 32, "apple-touch-icon.png": 180, "icon-192.png": 192, "icon-512.png": 512, "icon-maskable-512.png": 512}
for name, side in SIDES.items():
    image = Image.open(folder / name)
    image.load()
    if image.size != (side, side):
        found.append(f"{name}: {image.size}")
    picture = image.convert("RGBA")
    middle, corner = picture.getpixel((side // 2, side // 2)), picture.getpixel((0, 0))
    if any(abs(a - b) > 1 for a, b in zip(middle, (10, 79, 138, 255))):
        found.append(f"{name}: {middle} in the middle")
    # What a phone cuts or puts on black has a ground; the others let it through.
    opaque = name.startswith(("apple", "icon-maskable"))
    if (corner[3] == 255) != opaque:
        found.append(f"{name}: {corner} in the corner")
manifest = json.loads((folder / "site.webmanifest").read_text(encoding="utf-8"))
for icon in manifest["icons"]:
    if not (folder / icon["src"]).is_file():
        found.append(f"site.webmanifest: {icon['src']} is not there")
    if icon["sizes"] not in ("any", "x".join([str(SIDES.get(icon["src"]))] * 2)):
        found.append(f"site.webmanifest: {icon}")
if not {"any", "maskable"} <= {icon["purpose"] for icon in manifest["icons"]}:
    found.append("site.webmanifest: no icon of each purpose")
for line in found:
    print(line)
print(f"{len(SIDES)} icons and the manifest: {len(found)} findings")
sys.exit(1 if found else 0)
