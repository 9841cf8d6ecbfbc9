#!/usr/bin/env python3
"""Draws the logo of the small site: pictures.py FOLDER"""
import sys
from pathlib import Path

from PIL import Image, ImageDraw

folder = Path(sys.argv[1]) / "content" / "img"
folder.mkdir(parents=True, exist_ok=True)
logo = Image.new("RGBA", (640, 640), (0, 0, 0, 0))
ImageDraw.Draw(logo).ellipse((20, 20, 620, 620), fill=(10, 79, 138, 255))
logo.save(folder / "logo.png")
