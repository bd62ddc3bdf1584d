"""Reads and writes small datasets with Datumaro, for tests: `read FORMAT FOLDER` prints JSON, `write FORMAT FOLDER` writes one.

What is printed is a list of [image, kind, label, [x, y, width, height], area], images without folder and extension.
"""

import json
import sys

import numpy as np
from datumaro.components.annotation import AnnotationType, Bbox, LabelCategories, Mask
from datumaro.components.dataset import Dataset
from datumaro.components.dataset_base import DatasetItem
from datumaro.components.media import Image

LABELS = ["cat", "dog", "001"]


def sample(kind):
    """Two images of 40 x 30; boxes that overlap, or masks that do not."""
    items = []
    for number, name in enumerate(["one", "two"]):
        media = Image.from_numpy(data=np.full((30, 40, 3), 7, dtype=np.uint8), ext=".png")
        annotations = []
        for label in range(number + 1):
            x, y, width, height = 3 + 9 * label, 4, 8, 5 + number
            if kind == "boxes":
                annotations.append(Bbox(x, y, width + 4, height, label=label, id=label, group=label))
            else:
                pixels = np.zeros((30, 40), dtype=np.uint8)
                pixels[y : y + height, x : x + width] = 1
                pixels[y, x + 1] = 0
                annotations.append(Mask(pixels, label=label, id=label + 1, group=label + 1))
        items.append(DatasetItem(id=name, subset=["train", "val"][number], media=media, annotations=annotations))
    labels = LabelCategories.from_iterable((["background"] if kind == "masks" else []) + LABELS)
    if kind == "masks":
        for item in items:
            for each in item.annotations:
                each.label += 1
    return Dataset.from_iterable(items, categories={AnnotationType.label: labels})


def write(form, folder):
    kind = "masks" if form in ("voc_segmentation", "voc_instance_segmentation") or form.endswith("+masks") else "boxes"
    sample(kind).export(folder, form.split("+")[0], save_media=True)


def read(form, folder):
    dataset = Dataset.import_from(folder, form)
    labels = dataset.categories()[AnnotationType.label]
    rows = []
    for item in dataset:
        for each in item.annotations:
            if each.type not in (AnnotationType.bbox, AnnotationType.mask):
                continue
            name = labels[each.label].name
            if each.type is AnnotationType.mask and name.startswith("background"):
                continue
            x, y, width, height = (float(number) for number in each.get_bbox())
            is_mask = each.type is AnnotationType.mask
            if is_mask:
                rows_used, columns_used = np.nonzero(each.image)
                x, y = float(columns_used.min()), float(rows_used.min())
                width, height = float(columns_used.max() + 1 - x), float(rows_used.max() + 1 - y)
            area = float(np.count_nonzero(each.image)) if is_mask else width * height
            name_of_image = item.id.rsplit("/", 1)[-1]
            rows.append([name_of_image, "mask" if is_mask else "box", name, [x, y, width, height], area])
    print(json.dumps(sorted(rows)))


if __name__ == "__main__":
    {"read": read, "write": write}[sys.argv[1]](sys.argv[2], sys.argv[3])
