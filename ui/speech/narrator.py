"""Decides what is spoken, when, and to whom: from snapshots and the view that is drawn from them.

    a screen comes     title, guidance to its slots, texts, then the options with their numbers
    numbers change     the coin that fell, how many digits are typed (changes.py)
    the focus moves    the option under it, with the reason when it cannot be chosen
    no headphone       private texts wait for a second OK: "press OK when nobody is listening"

Errors are told to everybody, all other screens to whoever asked for voice or easy mode.
"""

from dataclasses import replace

from chargepoint.contract import Snapshot
from ui.speech.changes import Change, sentences
from ui.speech.places import places_of
from ui.speech.privacy import PRIVATE_LABELS, codes_of, is_private, secrets_of
from ui.speech.voice import Channel, Manner, Phrase, Voice
from ui.text import Text
from ui.view import Control, View

ERRORS = frozenset(
    {
        *("plug_err", "cash_bad", "cash_nochange", "card_no", "gc_low", "gc_blocked"),
        *("gc_unknown", "start_fail", "session_fault", "cable_stuck", "emergency", "res_no"),
    }
)
UTILITIES = frozenset({"language", "voice", "easy", "help"})


def speaks(shot: Snapshot) -> bool:
    """Whoever asked for voice, or for easy mode, and is not a technician who tries something else."""
    is_service = shot.screen.startswith("t_") and shot.screen != "t_speech"
    return (shot.access.voice or shot.easy) and not is_service


class Narrator:
    """One conversation with one voice. Every call ends at once."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._shot: Snapshot | None = None
        self._withheld = False  # something private was not said for want of a headphone

    @property
    def voice(self) -> Voice:
        return self._voice

    def wants_view(self, shot: Snapshot) -> bool:
        """Laying a screen out costs; most snapshots need no word."""
        before = self._shot
        if speaks(shot) or (before is not None and before.access.voice):
            return True
        return shot.screen in ERRORS and (before is None or before.screen != shot.screen)

    def show(self, shot: Snapshot, view: View | None, text: Text) -> None:
        """A snapshot has come; `view` is its screen, where `wants_view` said so."""
        before, self._shot = self._shot, shot
        if shot.earcon:
            self._voice.earcon(shot.earcon, shot.access.volume)
        if view is None:
            if before is not None and before.screen != shot.screen:
                self._withheld = False
            return
        is_new = before is None or _is_new(before, shot)
        if is_new:
            self._withheld = False
            self._voice.hush()
        self._voice_switched(before, shot, text)
        if before is None or is_new:
            self._borrowed(before, shot, text)
            self._tell_screen(view, text, aloud=False)
        elif speaks(shot):
            self._say([Phrase(each) for each in sentences(Change(before, shot, text))])
            if codes_of(shot) - codes_of(before):
                self._tell(list(view.spoken), text, only_private=True)
            self._enabled_now(before, view, text)

    def repeat(self, view: View, text: Text) -> None:
        """OK on the title: all of it again. After a warning that something is private: aloud."""
        self._voice.hush()
        self._tell_screen(view, text, aloud=self._withheld)

    def focus(self, control: Control | None, view: View, text: Text) -> None:
        """The keys have come to an option, or back to the title."""
        shot = self._shot
        if shot is None or not speaks(shot):
            return
        self._voice.hush()
        if control is None:
            self._say([_phrase(view.title, text)])
            return
        number = view.controls.index(control) + 1
        self._say(self._option(number, control, text))

    def refuse(self, control: Control, text: Text) -> None:
        """OK on what cannot be chosen now: an error, told to everybody."""
        volume = self._shot.access.volume if self._shot is not None else 2
        self._voice.earcon("error", volume)
        self._say([Phrase(control.note or text("reason.unavailable"))])

    def stop(self) -> None:
        """A finger is on the screen."""
        self._voice.hush()

    # --- composing ------------------------------------------------------------------------------

    def _voice_switched(self, before: Snapshot | None, shot: Snapshot, text: Text) -> None:
        was = before is not None and before.access.voice
        if was is shot.access.voice:
            return
        self._voice.hush()  # what was being said was meant for who heard it before
        self._say([_phrase(text("speech.on" if shot.access.voice else "speech.off"), text)])

    def _borrowed(self, before: Snapshot | None, shot: Snapshot, text: Text) -> None:
        """A foreign accent is explained once, when somebody begins to listen."""
        is_new = before is None or not speaks(before) or before.language != shot.language
        if is_new and speaks(shot) and self._voice.is_borrowed(shot.language):
            self._say([_phrase(text("speech.borrowed"), text)])

    def _tell_screen(self, view: View, text: Text, *, aloud: bool) -> None:
        shot = self._shot
        assert shot is not None  # a view is of a snapshot
        if not speaks(shot) and shot.screen not in ERRORS:
            return
        notes = {control.note for control in view.controls}
        parts = [view.title, *places_of(shot, text), *_guidance(shot, text)]
        parts += [each for each in view.spoken if each not in notes and each != view.title]
        heard = self._tell(parts, text, aloud=aloud)
        if speaks(shot):
            self._options(view, text, heard=heard)

    def _tell(
        self, parts: list[str], text: Text, *, aloud: bool = False, only_private: bool = False
    ) -> bool:
        """Say these, or that something of them is private; True when that was said as well."""
        shot = self._shot
        assert shot is not None  # there is no sentence without a screen
        secrets = secrets_of(shot, text)
        if only_private:
            parts = [each for each in parts if is_private(each, secrets)]
        heard = aloud or self._manner(shot).channel is Channel.JACK
        kept = [each for each in parts if heard or not is_private(each, secrets)]
        self._say([_phrase(each, text) for each in kept])
        self._withheld = len(kept) < len(parts)
        if self._withheld:
            self._say([_phrase(text("speech.private"), text)])
        return heard

    def _options(self, view: View, text: Text, *, heard: bool) -> None:
        """The utilities are found by the keys; naming them on every screen would drown it."""
        for number, control in enumerate(view.controls, 1):
            is_own = control.id in PRIVATE_LABELS and not heard
            if control.id not in UTILITIES and not _is_key(control) and not is_own:
                self._say(self._option(number, control, text))

    def _option(self, number: int, control: Control, text: Text) -> list[Phrase]:
        if _is_key(control):
            return [Phrase(control.label)]
        if control.enabled:
            return [Phrase(text("speech.option", number=number, label=control.label))]
        reason = control.note or text("reason.unavailable")
        return [Phrase(text("speech.struck", number=number, label=control.label, reason=reason))]

    def _enabled_now(self, before: Snapshot, view: View, text: Text) -> None:
        could = {button.id for button in before.buttons if button.enabled}
        for control in view.controls:
            if control.enabled and control.id not in could and not _is_key(control):
                self._say([Phrase(text("speech.now", label=control.label))])

    def _manner(self, shot: Snapshot) -> Manner:
        channel = Channel.JACK if shot.access.jack else Channel.SPEAKER
        return Manner(shot.language, channel, shot.access.volume)

    def _say(self, phrases: list[Phrase]) -> None:
        spoken = [replace(each, text=" ".join(each.text.split())) for each in phrases if each.text]
        if spoken and self._shot is not None:
            self._voice.say(spoken, self._manner(self._shot))


def _phrase(words: str, text: Text) -> Phrase:
    return Phrase(words, text.key_of(words))


def _is_key(control: Control) -> bool:
    """A digit of a keypad is named by itself."""
    return control.id.startswith("key_") and control.id[4:].isdigit()


def _is_new(before: Snapshot, after: Snapshot) -> bool:
    """Another screen, connector or language, or the voice has only now begun."""
    begun = speaks(after) and not speaks(before)
    if begun or (before.access.jack is not after.access.jack and speaks(after)):
        return True
    seen = (before.screen, before.screen_seq, before.connector, before.language)
    return seen != (after.screen, after.screen_seq, after.connector, after.language)


def _guidance(shot: Snapshot, text: Text) -> list[str]:
    """What no picture tells: keys of another device, digits by ear."""
    key = f"speech.guide.{shot.screen}"
    return [text(key)] if text.has(key) else []
