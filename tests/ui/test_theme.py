"""Colours that can be read."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from acestep_desktop.ui.theme import (
    THEME_NAMES,
    Theme,
    contrast_ratio,
    load_theme,
    palette_of,
    style_sheet,
)


@pytest.fixture(params=THEME_NAMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    return load_theme(request.param)


def test_black_on_white_has_the_highest_contrast_there_is() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ink", ["text", "quiet", "warning", "bad", "good"])
@pytest.mark.parametrize("paper", ["background", "surface", "raised"])
def test_all_text_is_legible_on_all_surfaces(theme: Theme, ink: str, paper: str) -> None:
    assert contrast_ratio(getattr(theme, ink), getattr(theme, paper)) >= 4.5


def test_text_is_legible_where_it_is_selected_or_primary(theme: Theme) -> None:
    assert contrast_ratio(theme.text, theme.selection) >= 4.5
    assert contrast_ratio(theme.quiet, theme.selection) >= 3.0
    assert contrast_ratio(theme.on_accent, theme.accent) >= 4.5


def test_controls_stand_out_from_what_they_lie_on(theme: Theme) -> None:
    assert contrast_ratio(theme.accent, theme.background) >= 3.0
    assert contrast_ratio(theme.wave, theme.surface) >= 3.0


def test_the_style_sheet_names_no_unknown_colour(theme: Theme) -> None:
    sheet = style_sheet(theme)
    assert "@" not in sheet
    pictures = re.findall(r'url\("(.+?)"\)', sheet)
    assert len(set(pictures)) == 3
    assert all(Path(picture).is_file() for picture in pictures)
    assert all(getattr(theme, field.name) for field in fields(Theme))


def test_the_palette_carries_the_theme(theme: Theme) -> None:
    assert palette_of(theme).windowText().color().name() == theme.text


def test_a_theme_that_nobody_knows_is_the_usual_one() -> None:
    assert load_theme("midnight") == load_theme("dark")
