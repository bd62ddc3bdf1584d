"""Other decoders' pixels of DICOM files, held against pixels that are handed in; for tests.

`files`: prints the DICOM files that installed packages bring, one JSON list of paths.
`compare`: reads jobs from standard input, one line of JSON each, `{"path", "error"}` or `{"path", "frames", "width",
"height", "channels", "sample", "shown_channels", "stored_bytes", "shown_bytes"}` and so many bytes of pixels behind it,
and prints a line of JSON for each: `{"path", "syntax", "pydicom", "gdcm", "among", "shown"}`.

A decoder's word is `same`, `near` (no more than two lossy decoders differ), `different: by how much`, or
`refused: why`. GDCM runs in a process of its own, because some files end it.
"""

import gzip
import importlib.util
import io
import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np

PACKAGES = ["pydicom", "data_store", "highdicom", "nibabel", "pynetdicom", "deid_data"]  # data_store: pydicom-data
MAX_GDCM_BYTES = 1 << 26
LOSSY = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55, 91, 111, 112, 203)}
JPEG = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55)}


def files():
    found = []
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations if spec else []:
            found += [path for path in sorted(Path(folder).rglob("*")) if path.is_file() and is_dicom(path)]
    return [str(path) for path in found]


def is_dicom(path):
    if path.name.lower().endswith((".dcm", ".dcm.gz")):
        return True
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def open_dataset(path):
    import pydicom

    if path.endswith(".gz"):
        with gzip.open(path) as file:
            return pydicom.dcmread(file, force=True)
    return pydicom.dcmread(path, force=True)


def syntax_of(dataset):
    from pydicom import uid

    named = getattr(dataset, "file_meta", {}).get("TransferSyntaxUID")
    if named:
        return named
    is_implicit, is_little = dataset.original_encoding
    if is_implicit:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRLittleEndian if is_little else uid.ExplicitVRBigEndian


class Pydicom:
    """Stored samples, and the same in RGB where they are colour."""

    def __init__(self, path):
        self.dataset = open_dataset(path)
        self.syntax = syntax_of(self.dataset)
        self.lossy = str(self.syntax) in LOSSY

    def stored(self, frames, as_rgb=False):
        from pydicom.pixels import get_decoder

        decoder = get_decoder(self.syntax)
        pictures = decoder.iter_array(self.dataset, indices=frames, raw=not as_rgb)
        return [picture.copy() for picture, _ in pictures]

    def shown(self, frames):
        """8-bit grey or RGB."""
        name = self.dataset.get("PhotometricInterpretation", "")
        if name == "PALETTE COLOR":
            from pydicom.pixels import apply_color_lut

            colours = [apply_color_lut(picture, self.dataset) for picture in self.stored(frames)]
            tables = [colour.max() > 255 for colour in colours]
            return [(colour >> 8 if deep else colour).astype(np.uint8) for colour, deep in zip(colours, tables)]
        if self.dataset.get("SamplesPerPixel", 1) != 3:
            grey = [self.grey(frame, picture) for frame, picture in zip(frames, self.stored(frames))]
            return [255 - picture for picture in grey] if name == "MONOCHROME1" else grey
        down = max(0, self.dataset.BitsStored - 8)
        return [(picture >> down).astype(np.uint8) for picture in self.stored(frames, as_rgb=True)]


    def groups(self, frame, macro):
        """Items of a functional group's macro: the frame's own, the shared one."""
        own = self.dataset.get("PerFrameFunctionalGroupsSequence") or []
        shared = self.dataset.get("SharedFunctionalGroupsSequence") or []
        found = [item for item in [*own[frame : frame + 1], *shared[:1]] if item.get(macro)]
        return [item.get(macro)[0] for item in found]

    def grey(self, frame, stored):
        """Table or line of the modality, then table, window or the frame's own range (PS3.3 C.11.1, C.11.2)."""
        from pydicom.pixels import apply_modality_lut, apply_voi

        x = stored.astype(np.float64)
        if self.dataset.get("ModalityLUTSequence"):
            x = apply_modality_lut(stored, self.dataset).astype(np.float64)
        else:
            for item in [*self.groups(frame, "PixelValueTransformationSequence"), self.dataset]:
                if item.get("RescaleSlope") is not None and item.get("RescaleIntercept") is not None:
                    x = x * float(item.RescaleSlope) + float(item.RescaleIntercept)
                    break
        items = [*self.groups(frame, "FrameVOILUTSequence"), self.dataset]
        for item in [self.dataset, *items]:
            if item.get("VOILUTSequence"):
                table = apply_voi(np.floor(x + 0.5).astype(np.int64), item)
                return to_bytes(table * 255.0 / (2 ** item.VOILUTSequence[0].LUTDescriptor[2] - 1))
        for item in items:
            windows = [item.get(name) for name in ("WindowCenter", "WindowWidth")]
            if all(window not in (None, "") for window in windows):
                window = [float(each if isinstance(each, (int, float, str)) else each[0]) for each in windows]
                return to_bytes(window_of(x, *window, item.get("VOILUTFunction") or "LINEAR"))
        low, high = x.min(), x.max()
        return to_bytes((x - low) / (high - low) * 255.0 if high > low else x * 0.0)


def window_of(x, center, width, function):
    if function == "SIGMOID":
        return 255.0 / (1.0 + np.exp(-4.0 * (x - center) / width))
    if function == "LINEAR":
        center, width = center - 0.5, width - 1.0
    return np.clip(((x - center) / width + 0.5) * 255.0 if width else np.where(x > center, 255.0, 0.0), 0.0, 255.0)


def to_bytes(grey):
    return np.clip(np.floor(grey + 0.5), 0, 255).astype(np.uint8)


def read_gdcm(path, frames):
    """Stored samples as GDCM gives them, and whether they are YBR."""
    import gdcm

    gdcm.Trace.WarningOff(), gdcm.Trace.ErrorOff(), gdcm.Trace.DebugOff()
    reader = gdcm.ImageReader()
    reader.SetFileName(path)
    if not reader.Read():
        raise ValueError("GDCM does not read the file")
    image = reader.GetImage()
    if image.GetPlanarConfiguration() == 1:
        change = gdcm.ImageChangePlanarConfiguration()
        change.SetInput(image)
        change.SetPlanarConfiguration(0)
        if not change.Change():
            raise ValueError("GDCM does not interleave the planes")
        image = change.GetOutput()
    if image.GetBufferLength() > MAX_GDCM_BYTES:
        raise ValueError("too large for GDCM, which decodes all frames at once")
    buffer = image.GetBuffer()
    if not buffer:
        raise ValueError("GDCM does not decode the pixels")
    samples = np.frombuffer(buffer.encode("utf-8", errors="surrogateescape"), dtype=np.uint8)
    form = image.GetPixelFormat()
    columns, rows = image.GetDimension(0), image.GetDimension(1)
    count = image.GetDimension(2) if image.GetNumberOfDimensions() == 3 else 1
    if form.GetBitsAllocated() == 1:
        samples = np.unpackbits(samples, bitorder="little")[: count * rows * columns]
    else:
        kinds = {gdcm.PixelFormat.FLOAT32: "<f4", gdcm.PixelFormat.FLOAT64: "<f8"}
        sign = "i" if form.GetPixelRepresentation() else "u"
        samples = samples.view(kinds.get(form.GetScalarType(), f"<{sign}{form.GetBitsAllocated() // 8}"))
    shape = (count, rows, columns, 3)[: 4 if form.GetSamplesPerPixel() == 3 else 3]
    name = gdcm.PhotometricInterpretation.GetPIString(image.GetPhotometricInterpretation().GetType())
    return samples.reshape(shape)[frames], name.startswith("YBR_FULL")


def gdcm_alone(path, frames):
    """The same in a child process."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        with os.fdopen(into, "wb") as pipe:
            try:
                samples, is_ybr = read_gdcm(path, frames)
                content = io.BytesIO()
                np.save(content, samples, allow_pickle=False)
                pipe.write(b"Y" if is_ybr else b"N")
                pipe.write(content.getvalue())
            except Exception as error:  # noqa: BLE001 what it is, the parent tells
                pipe.write(b"!" + str(error).encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        content = pipe.read()
    os.waitpid(child, 0)
    if content[1:].startswith(b"\x93NUMPY"):
        return np.load(io.BytesIO(content[1:])), content[:1] == b"Y"
    raise ValueError(content[1:].decode() if content else "GDCM crashes")


def word(ours, theirs, most):
    """What one reading is to ours."""
    if ours.shape != theirs.shape:
        return f"different: {list(theirs.shape)} instead of {list(ours.shape)}"
    if ours.dtype.kind == "f" or theirs.dtype.kind == "f":
        return "same" if np.array_equal(ours, theirs, equal_nan=True) else "different: floats"
    if ours.dtype == theirs.dtype and np.array_equal(ours, theirs):
        return "same"
    apart = np.abs(ours.astype(np.int64) - theirs.astype(np.int64))
    largest, mean = int(apart.max()), float(apart.mean())
    if largest == 0:
        return "same"
    if largest <= most[0] and mean <= most[1]:
        return "near"
    return f"different: by {largest} at most and {mean:.3f} on average"


def best(words):
    """The most favourable of several readings' words."""
    order = ["same", "near", "different", "refused"]
    return min(words, key=lambda each: order.index(each.split(":")[0]))


def attempt(read):
    try:
        return read()
    except Exception as error:  # noqa: BLE001 any refusal counts
        return f"refused: {type(error).__name__}: {error}"[:300]


def tolerance(pydicom, is_colour):
    """Largest and mean difference between two decoders that are both right."""
    if not pydicom.lossy:
        return 0, 0
    if is_colour and str(pydicom.syntax) in JPEG:
        return 96, 2.5  # how chroma is upsampled is free, and sharp edges show it
    bits = int(pydicom.dataset.get("BitsStored") or 8)
    return 2 << max(0, bits - 12), 0.5


def readings_of(pydicom, path, frames):
    """Every decoder's samples, or a sentence; of JPEG's YBR the RGB beside it, which is what JPEG decoders give."""
    from pydicom.pixels import convert_color_space

    is_jpeg = not isinstance(pydicom, str) and str(pydicom.syntax) in JPEG
    readings = {"pydicom": pydicom, "gdcm": attempt(lambda: gdcm_alone(path, frames))}
    if not isinstance(pydicom, str):
        readings["pydicom"] = attempt(lambda: [np.stack(pydicom.stored(frames))])
        if is_jpeg and not isinstance(readings["pydicom"], str):
            readings["pydicom"].append(np.stack(pydicom.stored(frames, as_rgb=True)))
    if not isinstance(readings["gdcm"], str):
        samples, is_ybr = readings["gdcm"]
        readings["gdcm"] = [samples]
        if is_jpeg and is_ybr:
            readings["gdcm"].append(np.stack([convert_color_space(each, "YBR_FULL", "RGB") for each in samples]))
    return readings


def compare(job, stored, shown):
    path, frames = job["path"], job.get("frames", [0])
    pydicom = attempt(lambda: Pydicom(path))
    readings = readings_of(pydicom, path, frames)
    verdict = {"path": path, "syntax": str(getattr(pydicom, "syntax", ""))}
    if "error" in job:
        return verdict | {name: each if isinstance(each, str) else "read" for name, each in readings.items()}
    is_colour = job["channels"] == 3
    most = (0, 0) if isinstance(pydicom, str) else tolerance(pydicom, is_colour)
    shape = (len(frames), job["height"], job["width"], job["channels"])[: 4 if is_colour else 3]
    ours = np.frombuffer(stored, dtype="<" + job["sample"]).reshape(shape)
    for name, reading in readings.items():
        verdict[name] = reading if isinstance(reading, str) else best([word(ours, each, most) for each in reading])
    both = [reading[-1] for reading in readings.values() if not isinstance(reading, str)]
    verdict["among"] = word(*both, most) if len(both) == 2 else "alone"
    if not isinstance(pydicom, str):
        theirs = attempt(lambda: np.stack(pydicom.shown(frames)))
        shape = (len(frames), job["height"], job["width"], 3)[: 3 if job["shown_channels"] == 1 else 4]
        ours = np.frombuffer(shown, dtype=np.uint8).reshape(shape)
        # A half is rounded in one of two ways, and a narrow window spreads what a lossy codec leaves open.
        most = (max(2, 4 * most[0]), max(0.5, most[1]))
        verdict["shown"] = theirs if isinstance(theirs, str) else word(ours, theirs, most)
    return verdict


def serve():
    import gdcm  # noqa: F401 once, and not in every child

    warnings.simplefilter("ignore")
    import logging

    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is not an answer
    for line in sys.stdin.buffer:
        job = json.loads(line)
        stored = sys.stdin.buffer.read(job.get("stored_bytes", 0))
        shown = sys.stdin.buffer.read(job.get("shown_bytes", 0))
        verdict = attempt(lambda: compare(job, stored, shown))
        if isinstance(verdict, str):
            verdict = {"path": job["path"], "failure": verdict}
        answers.write(json.dumps(verdict) + "\n")
        answers.flush()


if __name__ == "__main__":
    if sys.argv[1] == "files":
        print(json.dumps(files()))
    else:
        serve()
