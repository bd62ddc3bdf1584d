//! What is refused, taken off and united, and that nothing else happens whatever the bytes are.

#![allow(clippy::unwrap_used)] // in a test a panic is the report

use example_plugin_keypoints::{FORMAT, Keypoints, Payload, Point, to_coco};
use lightbox_sdk::{AnnotationType, Batch, Call, Document, Error, ImageRef, Imported, Result, Validated};
use proptest::prelude::*;
use serde_json::json;

fn document(bytes: &[u8]) -> Document<'_> {
    Document { name: "coco.json", format: FORMAT, bytes }
}

fn import(bytes: &[u8]) -> Result<Imported> {
    Keypoints.import(document(bytes), &Call::unlimited())
}

fn recognise(bytes: &[u8]) -> (u8, String) {
    let found = Keypoints.recognise(document(bytes), &Call::unlimited()).unwrap();
    (found.confidence, found.reason)
}

/// Points by x, y and v, of one label on one image of 10 × 8 pixels.
fn batch(annotations: &[&[(f64, f64, u8)]]) -> Batch {
    let image = ImageRef { path: "a.png".into(), width: 10, height: 8, line: 0 };
    let mut batch = Batch { labels: vec!["hand".into()], images: vec![image], ..Batch::default() };
    for points in annotations {
        add(&mut batch, 0, 0, payload(points));
    }
    batch
}

fn payload(points: &[(f64, f64, u8)]) -> Payload<'static> {
    let names = ["tip", "middle", "root"].into_iter();
    let point = |(name, (x, y, v)): (&'static str, &(f64, f64, u8))| Point {
        name: name.into(),
        x: (*v > 0).then_some(*x),
        y: (*v > 0).then_some(*y),
        v: *v,
    };
    Payload { points: names.zip(points).map(point).collect(), skeleton: Vec::new().into() }
}

fn add(batch: &mut Batch, image: u32, label: u32, payload: Payload<'_>) {
    batch.image.push(image);
    batch.label.push(label);
    batch.line.push(0);
    batch.value.push(1);
    batch.push_payload(&payload.write());
}

fn codes(validated: &Validated) -> Vec<&str> {
    validated.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn points_outside_are_taken_off_and_an_annotation_without_any_left_is_refused() {
    let given = batch(&[
        &[(0.0, 0.0, 2), (10.0, 8.0, 1)],
        &[(-0.1, 1.0, 2), (3.0, 4.0, 2), (1.0, 8.1, 1)],
        &[(99.0, 1.0, 2), (0.0, 0.0, 0)],
    ]);
    let validated = Keypoints.validate(given.clone(), &Call::unlimited()).unwrap();
    assert_eq!(codes(&validated), ["POINTS_DROPPED", "POINTS_OUTSIDE"]);
    let sentence =
        "2 of 3 points, tip at (-0.1, 1) the first, lie outside of the image of 10 × 8 pixels and are taken off";
    assert_eq!(validated.findings[0].message, sentence);
    assert!(validated.findings.iter().all(|finding| finding.path.as_deref() == Some("a.png")));
    assert_eq!(validated.batch.len(), 2);
    assert_eq!(validated.batch.payload(0), given.payload(0));
    let left = Payload::read(validated.batch.payload(1)).unwrap();
    assert_eq!(left, payload(&[(0.0, 0.0, 0), (3.0, 4.0, 2), (0.0, 0.0, 0)]));
}

#[test]
fn on_an_image_of_unknown_size_every_point_is_inside() {
    let mut given = batch(&[&[(-5.0, 1e9, 2)]]);
    (given.images[0].width, given.images[0].height) = (0, 0);
    let validated = Keypoints.validate(given.clone(), &Call::unlimited()).unwrap();
    assert_eq!((validated.batch, validated.findings), (given, vec![]));
}

#[test]
fn equal_annotations_fall_together_also_under_labels_that_became_equal() {
    let mut given = batch(&[&[(1.0, 1.0, 2)], &[(1.0, 1.0, 1)], &[(1.0, 1.0, 2)]]);
    given.labels.push("hand".into());
    add(&mut given, 0, 1, payload(&[(1.0, 1.0, 2)]));
    let call = Call::unlimited();
    let validated = Keypoints.validate(given.clone(), &call).unwrap();
    assert_eq!((validated.batch.len(), codes(&validated)), (2, vec!["DUPLICATE_ROW"; 2]));
    let merged = Keypoints.merge(given, &call).unwrap();
    assert_eq!((merged.batch.len(), codes(&merged)), (2, vec!["MERGED_DUPLICATE"; 2]));
    assert_eq!((merged.batch.labels, merged.batch.label), (vec!["hand".to_owned()], vec![0, 0]));
}

#[test]
fn payloads_of_others_are_refused() {
    let mut given = batch(&[&[(1.0, 1.0, 2)]]);
    add(&mut given, 0, 0, Payload::default());
    given.payload_bytes.truncate(given.payload_bytes.len() - 1);
    *given.payload_ends.last_mut().unwrap() -= 1;
    let validated = Keypoints.validate(given, &Call::unlimited()).unwrap();
    assert_eq!((validated.batch.len(), codes(&validated)), (1, vec!["BAD_PAYLOAD"]));
    let bare = Batch { payload_ends: vec![], payload_bytes: vec![], ..batch(&[&[(1.0, 1.0, 2)]]) };
    assert!(matches!(Keypoints.validate(bare.clone(), &Call::unlimited()), Err(Error::Invalid(_))));
    assert!(matches!(Keypoints.merge(bare, &Call::unlimited()), Err(Error::Invalid(_))));
}

#[test]
fn documents_of_others_are_not_claimed_and_the_reason_is_said() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "this is no COCO document: EOF"),
        (b"path,label\n", "this is no COCO document: expected"),
        (br#"{"version": "5.0.1", "shapes": []}"#, "this is no COCO document: missing field `images`"),
        (br#"{"images": [], "annotations": [], "categories": []}"#, "no category of this COCO document names keypoints"),
        (
            br#"{"images": [], "annotations": [], "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "a", "keypoints": []}]}"#,
            "no category of this COCO document names keypoints",
        ),
        (br#"{"images": [], "annotations": [], "categories": 7}"#, "no category of this COCO document names keypoints"),
    ];
    for (bytes, reason) in cases {
        let (confidence, found) = recognise(bytes);
        assert_eq!(confidence, 0);
        assert!(found.starts_with(reason), "{found}");
    }
}

#[test]
fn a_document_whose_lists_are_none_is_corrupt() {
    let outcome = import(br#"{"images": {}, "annotations": [], "categories": []}"#).map(|_| ());
    let Err(Error::Corrupt(sentence)) = outcome else { panic!("{outcome:?}") };
    assert!(sentence.starts_with("images is not a list of rows: invalid type: map, expected a list"), "{sentence}");
    assert!(matches!(import(b"{\"images\": ["), Err(Error::Corrupt(_))));
}

/// A document of as many good and as many bad annotations.
fn large(count: usize, names: &[String]) -> Vec<u8> {
    let good: Vec<f64> = names.iter().flat_map(|_| [1.0, 2.0, 2.0]).collect();
    let rows: Vec<_> = (0..count)
        .flat_map(|_| [json!({ "image_id": 1, "category_id": 1, "keypoints": good }), json!({ "image_id": 1 })])
        .collect();
    json!({
        "images": [{ "id": 1, "file_name": "a.png" }],
        "categories": [{ "id": 1, "name": "hand", "keypoints": names }],
        "annotations": rows,
    })
    .to_string()
    .into_bytes()
}

#[test]
fn a_flood_of_bad_rows_is_counted() {
    let imported = import(&large(10_002, &["tip".to_owned()])).unwrap();
    assert_eq!((imported.batch.len(), imported.findings.len()), (10_002, 10_001));
    assert_eq!(imported.findings[10_000].message, "2 more findings are not listed, 10000 are");
}

#[test]
fn names_that_every_annotation_would_repeat_have_limits() {
    for names in [vec!["x".repeat(257)], vec!["x".to_owned(); 1001]] {
        let imported = import(&large(1, &names)).unwrap();
        assert_eq!((imported.batch.len(), imported.findings[0].code.as_str()), (0, "BAD_CATEGORY"));
        assert!(imported.findings[0].message.contains("allowed"), "{}", imported.findings[0].message);
    }
    let call = Call::new(None, 10_000, &|| false);
    let outcome = Keypoints.import(document(&large(100, &["x".repeat(200)])), &call).map(|_| ());
    let Err(Error::Limit(sentence)) = outcome else { panic!("{outcome:?}") };
    assert!(sentence.ends_with("10000 are allowed: split the document"), "{sentence}");
}

#[test]
fn a_call_that_was_cancelled_ends() {
    let call = Call::new(None, 1 << 20, &|| true);
    let bytes = large(1, &["tip".to_owned()]);
    assert_eq!(Keypoints.import(document(&bytes), &call).map(|_| ()), Err(Error::Cancelled));
    assert_eq!(Keypoints.recognise(document(&bytes), &call).map(|_| ()), Err(Error::Cancelled));
    let given = batch(&[&[(1.0, 1.0, 2)]]);
    assert_eq!(Keypoints.validate(given.clone(), &call).map(|_| ()), Err(Error::Cancelled));
    assert_eq!(Keypoints.merge(given.clone(), &call).map(|_| ()), Err(Error::Cancelled));
    assert_eq!(to_coco(&given, &call).map(|_| ()), Err(Error::Cancelled));
}

#[test]
fn what_is_written_as_coco_has_what_readers_of_coco_ask_for() {
    let given = batch(&[&[(1.5, 2.0, 2), (0.0, 0.0, 0), (4.0, 1.0, 1)]]);
    let written = to_coco(&given, &Call::unlimited()).unwrap();
    let expected = json!({
        "images": [{ "id": 1, "file_name": "a.png", "width": 10, "height": 8 }],
        "annotations": [{
            "id": 1, "image_id": 1, "category_id": 1, "num_keypoints": 2, "iscrowd": 0,
            "keypoints": [1.5, 2.0, 2.0, 0.0, 0.0, 0.0, 4.0, 1.0, 1.0], "bbox": [1.5, 1.0, 2.5, 1.0], "area": 2.5,
        }],
        "categories": [{ "id": 1, "name": "hand", "keypoints": ["tip", "middle", "root"], "skeleton": [] }],
    });
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&written).unwrap(), expected);
}

#[test]
fn the_type_writes_what_it_says_it_writes_and_nothing_else() {
    let (given, call) = (batch(&[&[(1.5, 2.0, 2)]]), Call::unlimited());
    assert_eq!(Keypoints.descriptor().exports, [FORMAT]);
    let exported = Keypoints.export(given.clone(), FORMAT, &call).unwrap();
    let document = ("annotations/person_keypoints.json".to_owned(), to_coco(&given, &call).unwrap());
    assert_eq!((exported.files, exported.findings), (vec![document], vec![]));
    let refused = Keypoints.export(given, "deepq-csv", &call);
    assert_eq!(refused, Err(Error::Unsupported("keypoints are written as coco-keypoints, not as deepq-csv".into())));
}

#[test]
fn a_document_that_would_be_too_large_is_not_written() {
    let one: &[(f64, f64, u8)] = &[(1.5, 2.0, 2)];
    let call = Call::new(None, 1000, &|| false);
    let outcome = to_coco(&batch(&[one; 100]), &call);
    let Err(Error::Limit(sentence)) = outcome else { panic!("{outcome:?}") };
    assert!(sentence.ends_with("bytes or more, 1000 are allowed"), "{sentence}");
}

prop_compose! {
    /// Two labels, the second of two lists of points, on three images.
    fn batches()(
        rows in prop::collection::vec((0u32..3, 0u32..2, any::<bool>(), prop::collection::vec((-9i32..99, -9i32..99, 0u8..3), 3)), 0..20),
    ) -> Batch {
        let image = |index| ImageRef { path: format!("{index}.png"), ..ImageRef::default() };
        let labels = vec!["hand".into(), "foot".into(), "unused".into()];
        let mut batch = Batch { labels, images: (0..3).map(image).collect(), ..Batch::default() };
        for (image, label, is_short, points) in rows {
            let points: Vec<_> = points.iter().map(|(x, y, v)| (f64::from(*x) / 8.0, f64::from(*y) / 8.0, *v)).collect();
            let mut payload = payload(if is_short { &points[..2] } else { &points });
            payload.skeleton = if label == 1 { vec![[0, 1]].into() } else { vec![].into() };
            if payload.labelled() > 0 {
                add(&mut batch, image, label, payload);
            }
        }
        batch
    }
}

proptest! {
    #[test]
    fn what_is_written_as_coco_is_read_back_as_it_was(batch in batches()) {
        let written = to_coco(&batch, &Call::unlimited()).unwrap();
        let imported = import(&written).unwrap();
        prop_assert_eq!((imported.batch, imported.findings), (batch, vec![]));
    }

    #[test]
    fn what_goes_in_comes_out_or_has_one_finding(given in batches(), width in 1u32..14) {
        let mut given = given;
        given.images.iter_mut().for_each(|image| (image.width, image.height) = (width, 9));
        let call = Call::unlimited();
        let validated = Keypoints.validate(given.clone(), &call).unwrap();
        let dropped = codes(&validated).iter().filter(|code| **code != "POINTS_DROPPED").count();
        prop_assert_eq!(validated.batch.len() + dropped, given.len());
        prop_assert_eq!(&validated.batch.images, &given.images);
        let again = Keypoints.validate(validated.batch.clone(), &call).unwrap();
        prop_assert_eq!((again.batch, again.findings), (validated.batch, vec![]));
        let merged = Keypoints.merge(given.clone(), &call).unwrap();
        prop_assert_eq!(merged.batch.len() + merged.findings.len(), given.len());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        recognise(&bytes);
        let _ = import(&bytes);
    }

    #[test]
    fn a_document_with_bytes_turned_never_panics(flips in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4)) {
        let mut bytes = large(2, &["tip".to_owned(), "root".to_owned()]);
        for (at, byte) in flips {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        recognise(&bytes);
        if let Ok(imported) = import(&bytes) {
            imported.batch.check().unwrap();
        }
    }

    #[test]
    fn arbitrary_payloads_never_panic(payload in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut given = batch(&[]);
        add(&mut given, 0, 0, Payload::default());
        (given.payload_ends, given.payload_bytes) = (vec![payload.len() as u64], payload);
        let call = Call::unlimited();
        Keypoints.validate(given.clone(), &call).unwrap();
        Keypoints.merge(given.clone(), &call).unwrap();
        let _ = to_coco(&given, &call);
    }
}
