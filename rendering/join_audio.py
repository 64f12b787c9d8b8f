"""The sound of a joined video: read from a file or a waveform, fitted to the video's length."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from .clip_frames import ClipError

_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
_RATE = 48000  # where the codec does not take the sound's own
_CHUNK = 8192  # samples


@dataclass(frozen=True)
class Sound:
    """A sound that is read bit by bit.

    Attributes:
        rate: samples per second.
        layout: FFmpeg's name for the channels.
        read: begins to read at the first sample.
    """

    rate: int
    layout: str
    read: Callable[[], Iterator[av.AudioFrame]]


def open_sound(audio: Mapping[str, Any] | str | Path) -> Sound:
    """The sound of a file, or of the host's AUDIO.

    Args:
        audio: path of a file with sound in it, or {"waveform": (1 c n) of -1 to 1, "sample_rate":
            samples per second}.

    Raises:
        ClipError: it can't be read, or has another number of channels than 1, 2 or 6.
    """
    if isinstance(audio, Mapping):
        return _waveform(audio)
    return _sound_file(Path(audio))


def _waveform(audio: Mapping[str, Any]) -> Sound:
    waveform, rate = audio["waveform"], int(audio["sample_rate"])
    shape = tuple(waveform.shape)
    if len(shape) != 3 or shape[0] != 1 or shape[1] not in _LAYOUTS:
        raise ClipError(
            f"the audio has the shape {shape}, but one track of 1, 2 or 6 channels is needed, "
            "(1, channels, samples); take one track, or mix it down to stereo"
        )
    layout = _LAYOUTS[shape[1]]

    def read() -> Iterator[av.AudioFrame]:
        for start in range(0, shape[2], _CHUNK):
            part = waveform[0, :, start : start + _CHUNK]
            samples = part.float().cpu().numpy() if hasattr(part, "cpu") else np.asarray(part)
            yield _frame(samples, rate, layout, start)

    return Sound(rate, layout, read)


def _sound_file(path: Path) -> Sound:
    with _opened(path) as container:
        if not container.streams.audio:
            raise ClipError(f"{path.name} holds no sound; give another file, or none")
        stream = container.streams.audio[0]
        rate, layout = stream.rate, _LAYOUTS.get(stream.channels, "stereo")

    def read() -> Iterator[av.AudioFrame]:
        with _opened(path) as container:
            yield from container.decode(audio=0)

    return Sound(rate, layout, read)


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    try:
        with av.open(str(path)) as container:
            yield container
    except (av.error.FFmpegError, OSError) as error:
        raise ClipError(
            f"the sound file {path.name} can't be read ({error.strerror}); give another one"
        ) from error


class AudioTrack:
    """The sound's stream of a file that is being written, filled in step with the pictures."""

    def __init__(self, container: av.container.OutputContainer, codec: str, sound: Sound) -> None:
        """Add the stream.

        Args:
            container: the file that is written.
            codec: FFmpeg's name of the encoder.
            sound: what is to be heard.
        """
        rates = av.Codec(codec, "w").audio_rates
        self._rate = sound.rate if not rates or sound.rate in rates else _RATE
        self._layout = sound.layout
        self._container = container
        self._stream = container.add_stream(codec, rate=self._rate, layout=self._layout)
        self._samples = _resampled(sound, self._rate)
        self._waiting = np.zeros((len(self._stream.layout.channels), 0), np.float32)
        self._written = 0

    def write_until(self, seconds: Fraction) -> None:
        """Write what is heard up to a moment; silence where the sound has ended."""
        missing = round(seconds * self._rate) - self._written
        while self._waiting.shape[1] < missing:
            more = next(self._samples, None)
            if more is None:
                more = np.zeros((len(self._waiting), missing), np.float32)
            self._waiting = np.concatenate([self._waiting, more], axis=1)
        if missing > 0:
            heard, self._waiting = np.split(self._waiting, [missing], axis=1)
            frame = _frame(heard, self._rate, self._layout, self._written)
            self._container.mux(self._stream.encode(frame))
            self._written += missing

    def finish(self) -> None:
        """Write what the encoder still holds back."""
        self._container.mux(self._stream.encode(None))


def _resampled(sound: Sound, rate: int) -> Iterator[np.ndarray]:
    """The sound as (c n) float32 at another rate."""
    resampler = av.AudioResampler(format="fltp", layout=sound.layout, rate=rate)
    for frame in sound.read():
        for part in resampler.resample(frame):
            yield part.to_ndarray()
    for part in resampler.resample(None):
        yield part.to_ndarray()


def _frame(samples: np.ndarray, rate: int, layout: str, start: int) -> av.AudioFrame:
    values = np.ascontiguousarray(samples, dtype=np.float32)
    frame = av.AudioFrame.from_ndarray(values, format="fltp", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
    return frame
