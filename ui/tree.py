"""The semantic tree: one screen as tests, speech and the bench read it, from the view that is drawn."""

from typing import Any

from ui.view import View


def tree_of(view: View, focus: str = "") -> dict[str, Any]:
    """`buttons` are in the order of the focus; `focus` is the id of the one that has it, or empty."""
    return {
        "id": view.screen,
        "title": view.title,
        "picture": view.picture,
        "texts": list(view.texts),
        "spoken": list(view.spoken),
        "language": view.language,
        "theme": view.theme,
        "focus": focus,
        "buttons": [
            {
                "id": control.id,
                "label": control.label,
                "enabled": control.enabled,
                "reason": control.note,
                "order": place,
                "focused": control.id == focus,
                "px": list(control.rect),
                "mm": list(control.rect_mm),
            }
            for place, control in enumerate(view.controls, 1)
        ],
    }
