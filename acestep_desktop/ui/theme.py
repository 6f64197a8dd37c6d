"""Themes: the program's colours, as a palette and a style sheet."""

import json
from dataclasses import dataclass, fields
from functools import cache
from typing import Final

from PySide6.QtGui import QColor, QPalette

from acestep_desktop.domain.resources import read_resource, resources_folder

THEMES: Final = {"dark": "Dark", "light": "Light", "contrast": "High contrast"}
"""What the themes are called on the screen, by name; the first one is the usual."""

THEME_NAMES: Final = tuple(THEMES)


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they are for, each `#rrggbb`.

    `text` and `quiet` are legible (at least 4.5:1) on `background`, `surface`,
    `raised` and `selection`; so is `on_accent` on `accent`.
    """

    background: str
    surface: str
    raised: str
    line: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    selection: str
    good: str
    warning: str
    bad: str
    wave: str


def known_theme(name: str) -> str:
    """Return the name of a theme: `name`, or that of the usual one."""
    return name if name in THEMES else THEME_NAMES[0]


@cache
def load_theme(name: str) -> Theme:
    """Return the theme of this name, or the usual one where there is none."""
    colours = json.loads(read_resource(f"theme/{known_theme(name)}.json"))
    return Theme(**{field.name: str(colours[field.name]) for field in fields(Theme)})


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast of two colours, 1..21 (WCAG 2.2, relative luminance)."""
    lights = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def palette_of(theme: Theme) -> QPalette:
    """Return the palette for widgets that paint themselves."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.background,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.surface,
        QPalette.ColorRole.AlternateBase: theme.raised,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.quiet,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.Highlight: theme.selection,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    return palette


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of the whole program in this theme."""
    sheet = read_resource("theme/style.qss")
    for field in fields(Theme):
        sheet = sheet.replace(f"@{field.name};", f"{getattr(theme, field.name)};")
    for name, picture in (
        ("check", f"check_{theme.on_accent[1:]}"),
        ("up", "up"),
        ("down", "down"),
    ):
        path = resources_folder() / "theme" / f"{picture}.png"
        sheet = sheet.replace(f"@{name}-picture;", f'url("{path.as_posix()}");')
    return sheet


def _luminance(colour: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(colour[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
