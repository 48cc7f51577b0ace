"""How the page looks: icon, colours, fonts, and the header with the choice of language."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from front.texts import TEXTS
from wording import LANGUAGES

ICON = (
    "<link rel='icon' href=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' rx='8' fill='%230f766e'/><path d='M9 7v18h6M17 25c9 0 9-6 4-9s-5-9 4-9' "
    "fill='none' stroke='white' stroke-width='3' stroke-linecap='round' stroke-linejoin='round'/></svg>\">"
)
_MEND = Path(__file__).with_name("mend.js").read_text(encoding="utf-8")
HEAD = f"{ICON}{TEXTS.script('js.menu')}<script>{_MEND}</script>"
CSS = Path(__file__).with_name("front.css").read_text(encoding="utf-8")
_HEADER = """<header id="header"><h1>Longshort</h1><p>[[tagline]]</p>
<label class="language"><span>[[language]]</span><select id="language">{}</select></label>{}</header>"""
_SIGN_OUT = '<form method="post" action="{}"><button class="file">[[sign.out]]</button></form>'


def header(sign_out: str = "") -> None:
    """The name, one sentence, the choice of language; sign_out: where a button to sign out leads."""
    choice = "".join(
        f'<option value="{code}" lang="{code}">{name}</option>' for code, name in LANGUAGES.items()
    )
    gr.HTML(
        TEXTS.piece(_HEADER.format(choice, _SIGN_OUT.format(sign_out) if sign_out else "")),
        apply_default_css=False,
    )


def theme() -> gr.themes.Base:
    """Quiet colours and the system's own fonts; nothing is fetched for it."""
    return gr.themes.Base(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="zinc",
        radius_size="lg",
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
    ).set(
        body_background_fill="#fafafa",
        body_background_fill_dark="#131316",
        block_border_width="1px",
        block_shadow="none",
        background_fill_primary_dark="#1c1c20",
        input_background_fill="white",
        input_background_fill_dark="#1c1c20",
        block_background_fill_dark="#1c1c20",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_text_color="white",
        body_text_color_subdued="#5b5b66",
        body_text_color_subdued_dark="#a5a5b0",
        input_placeholder_color="#767682",
        input_placeholder_color_dark="#8e8e99",
        block_label_text_color="#5b5b66",
        block_label_text_color_dark="#a5a5b0",
        button_secondary_background_fill="white",
        button_secondary_background_fill_hover="#f1f1f3",
        button_secondary_background_fill_dark="#232328",
        button_secondary_background_fill_hover_dark="#2d2d33",
        button_secondary_border_color="*border_color_primary",
        button_border_width="1px",
        button_large_text_weight="500",
        button_medium_text_weight="500",
        color_accent="*primary_700",
        border_color_accent="*primary_200",
        border_color_accent_dark="*primary_800",
        color_accent_soft="#e6f4f1",
        color_accent_soft_dark="#123b37",
        checkbox_background_color_selected="*primary_700",
        checkbox_background_color_selected_dark="*primary_600",
    )
