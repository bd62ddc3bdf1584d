//! Annotations through the whole way, by a third party's type.

use crate::libraries::Plugins;
use bytes::Bytes;
use lightbox::plugin_host::PluginErrorKind;
use lightbox_sdk::Batch;

const DOCUMENT: &str = r#"{
    "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}],
    "categories": [{"id": 1, "name": "hand", "keypoints": ["tip"]}, {"id": 2, "name": "foot", "keypoints": ["heel"]}],
    "annotations": [
        {"image_id": 1, "category_id": 1, "keypoints": [1, 2, 2]},
        {"image_id": 2, "category_id": 1, "keypoints": [99, 2, 2]},
        {"image_id": 3, "category_id": 1, "keypoints": [1, 2, 2]},
        {"image_id": 2, "category_id": 2, "keypoints": [3.5, 0, 1]}
    ]
}"#;

#[tokio::test]
async fn a_document_is_recognised_imported_validated_and_merged() {
    let host = Plugins::none().with_rust("example-plugin-keypoints").load();
    let recognised = host.recognise_document("points.json", "", Bytes::from(DOCUMENT).into()).await;
    let [(annotation_type, recognition)] = &recognised.surest_first[..] else { panic!("{recognised:?}") };
    assert_eq!((annotation_type.as_str(), recognition.confidence), ("keypoints", 95));

    let imported = host
        .import_document("keypoints", "points.json", &recognition.format, Bytes::from(DOCUMENT).into())
        .await
        .unwrap();
    assert_eq!(
        (imported.batch.len(), imported.batch.images.len(), &imported.batch.labels[..]),
        (3, 2, &["hand".to_owned(), "foot".to_owned()][..])
    );
    let messages: Vec<&str> = imported.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["annotations[2]: no image has the id 3"]);

    let mut batch = imported.batch;
    for image in &mut batch.images {
        (image.width, image.height) = (10, 10);
    }
    let validated = host.validate("keypoints", batch).await.unwrap();
    assert_eq!(
        (validated.batch.len(), validated.findings[0].code.as_str(), validated.findings[0].path.as_deref()),
        (2, "POINTS_OUTSIDE", Some("b.png"))
    );
    let mut united = validated.batch;
    united.push_from(&united.clone(), 0);
    let merged = host.merge("keypoints", united).await.unwrap();
    assert_eq!((merged.batch.len(), merged.findings[0].code.as_str()), (2, "MERGED_DUPLICATE"));
    assert_eq!(merged.batch.payload(1), br#"{"points":[{"name":"heel","x":3.5,"y":0.0,"v":1}]}"#.as_slice());
}

#[tokio::test]
async fn a_document_of_another_kind_is_not_claimed() {
    let host = Plugins::none().with_rust("example-plugin-keypoints").load();
    let recognised = host.recognise_document("label.csv", "", Bytes::from("path,label\n").into()).await;
    assert!(recognised.surest_first.iter().all(|(_, recognition)| recognition.confidence == 0), "{recognised:?}");
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_the_documents_fault() {
    let host = Plugins::none().with_rust("example-plugin-keypoints").load();
    let error = host
        .import_document("keypoints", "points.csv", "", Bytes::from(b"\xff\xfe".as_slice()).into())
        .await
        .unwrap_err();
    assert_eq!((error.kind, error.plugin.as_str()), (PluginErrorKind::Corrupt, "org.example.keypoints"));
}

#[tokio::test]
async fn a_batch_whose_columns_do_not_fit_is_the_callers_fault() {
    let host = Plugins::none().with_rust("example-plugin-keypoints").load();
    let error = host.validate("keypoints", Batch { image: vec![0], ..Batch::default() }).await.unwrap_err();
    assert_eq!(error.kind, PluginErrorKind::Invalid);
}

#[tokio::test]
async fn what_is_exported_is_imported_as_it_was() {
    let host = Plugins::none().with_rust("example-plugin-keypoints").load();
    let imported = host
        .import_document("keypoints", "points.json", "coco-keypoints", Bytes::from(DOCUMENT).into())
        .await
        .unwrap()
        .batch;
    let exported = host.export("keypoints", "coco-keypoints", imported.clone()).await.unwrap();
    let [(path, document)] = <[_; 1]>::try_from(exported.files).unwrap();
    let again = host.import_document("keypoints", &path, "coco-keypoints", Bytes::from(document).into()).await.unwrap();
    assert_eq!((again.batch, again.findings), (imported, vec![]));
}

#[tokio::test]
async fn a_format_that_a_type_does_not_write_is_unsupported_and_the_sentence_names_those_that_it_does() {
    let host = Plugins::none().with_rust("example-plugin-keypoints").with_rust("fixture-plugin-panics").load();
    let cases = [
        ("keypoints", "the annotation type keypoints was asked to write deepq-csv, but writes coco-keypoints"),
        ("panics", "the annotation type panics was asked to write deepq-csv, but writes nothing"),
        ("unheard-of", "no plugin of this server offers the annotation type unheard-of"),
    ];
    for (annotation_type, sentence) in cases {
        let error = host.export(annotation_type, "deepq-csv", Batch::default()).await.unwrap_err();
        assert_eq!(error.kind, PluginErrorKind::Unsupported, "{error}");
        assert!(error.message.starts_with(sentence), "{error}");
    }
}

#[tokio::test]
async fn a_batch_that_cannot_be_exported_is_the_callers_fault_wherever_it_is_noticed() {
    let host = Plugins::none().with_rust("example-plugin-keypoints").load();
    let image = lightbox_sdk::ImageRef { path: "a.png".into(), ..Default::default() };
    let mut foreign = Batch { labels: vec!["hand".into()], images: vec![image], ..Batch::default() };
    (foreign.image, foreign.label, foreign.line, foreign.value) = (vec![0], vec![0], vec![0], vec![1]);
    foreign.push_payload(b"{}");
    let broken = Batch { image: vec![0], ..Batch::default() };
    for (batch, sentence) in [(foreign, "annotation 0 is not that of keypoints"), (broken, "")] {
        let error = host.export("keypoints", "coco-keypoints", batch).await.unwrap_err();
        assert_eq!(error.kind, PluginErrorKind::Invalid, "{error}");
        assert!(error.message.ends_with(sentence), "{error}");
    }
}
