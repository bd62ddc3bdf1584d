"""Other tools' readings of COCO, for tests.

`fill`: polygons in, one JSON `[[width, height, [polygon, ...]], ...]` on standard input; pycocotools' masks out.
`pycocotools FOLDER`, `datumaro FOLDER`: what they read below a folder, as `[image, kind, label, x, y, width, height, area]`.
"""

import json
import sys
from pathlib import Path


def fill():
    from pycocotools import mask

    filled = []
    for width, height, polygons in json.load(sys.stdin):
        runs = mask.merge(mask.frPyObjects(polygons, height, width))
        filled.append(runs["counts"].decode())
    return filled


def stem(path):
    return path.rsplit(".", 1)[0]


def read_pycocotools(folder):
    from pycocotools.coco import COCO

    rows = []
    for document in sorted(Path(folder, "annotations").glob("*.json")):
        coco = COCO(document)
        for each in coco.loadAnns(coco.getAnnIds()):
            assert not each.get("iscrowd"), "evaluations would ignore it"
            image = stem(coco.loadImgs(each["image_id"])[0]["file_name"])
            label = coco.loadCats(each["category_id"])[0]["name"]
            if "bbox" not in each:
                rows.append([image, "label", label, 0, 0, 0, 0, 0])
                continue
            area = each["area"]
            if each["segmentation"]:
                area = int(coco.annToMask(each).sum())
            rows.append([image, "mask" if each["segmentation"] else "box", label, *each["bbox"], area])
    return rows


def read_datumaro(folder):
    from datumaro.components.annotation import AnnotationType
    from datumaro.components.dataset import Dataset

    dataset = Dataset.import_from(folder, "coco")
    labels = dataset.categories()[AnnotationType.label]
    rows = []
    for item in dataset:
        item.media.data  # the picture is where the document says
        # Datumaro makes a box beside each mask, with the same id.
        masks = {each.id for each in item.annotations if each.type is AnnotationType.mask}
        for each in item.annotations:
            if each.type is AnnotationType.bbox and each.id in masks:
                continue
            kind = {AnnotationType.bbox: "box", AnnotationType.label: "label", AnnotationType.mask: "mask"}[each.type]
            bounds = [0, 0, 0, 0] if kind == "label" else [float(number) for number in each.get_bbox()]
            area = 0 if kind == "label" else float(each.get_area())
            rows.append([item.id, kind, labels[each.label].name, *bounds, area])
    return rows


if __name__ == "__main__":
    way, arguments = sys.argv[1], sys.argv[2:]
    out = {"fill": fill, "pycocotools": read_pycocotools, "datumaro": read_datumaro}[way](*arguments)
    sys.__stdout__.write("\n" + json.dumps(out) + "\n")
