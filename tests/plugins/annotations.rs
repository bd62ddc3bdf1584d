//! Annotations through the whole way, by a third party's type.

use crate::libraries::Plugins;
use lightbox::plugin_host::PluginErrorKind;
use lightbox_sdk::Batch;

const DOCUMENT: &str = "path,label,x,y\na.png,tip,1,2\na.png,tip,1,2\nb.png,tip,99,2\nbroken\nb.png,base,3.5,0\n";

#[tokio::test]
async fn a_document_is_recognised_imported_validated_and_merged() {
    let host = Plugins::none().with_rust("example-plugin-pnm").load();
    let recognised = host.recognise_document("points.csv", "", DOCUMENT.into()).await;
    let [(annotation_type, recognition)] = &recognised[..] else { panic!("{recognised:?}") };
    assert_eq!((annotation_type.as_str(), recognition.confidence), ("keypoints", 95));

    let imported = host.import_document("keypoints", "points.csv", &recognition.format, DOCUMENT.into()).await.unwrap();
    assert_eq!(
        (imported.batch.len(), imported.batch.images.len(), &imported.batch.labels[..]),
        (4, 2, &["tip".to_owned(), "base".to_owned()][..])
    );
    let lines: Vec<Option<u32>> = imported.findings.iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [Some(5)]);

    let mut batch = imported.batch;
    for image in &mut batch.images {
        (image.width, image.height) = (10, 10);
    }
    let validated = host.validate("keypoints", batch).await.unwrap();
    assert_eq!(
        (validated.batch.len(), validated.findings[0].code.as_str(), validated.findings[0].line),
        (3, "POINT_OUTSIDE", Some(4))
    );
    let merged = host.merge("keypoints", validated.batch).await.unwrap();
    assert_eq!((merged.batch.len(), merged.batch.payload(1)), (2, br#"{"x":3.5,"y":0.0}"#.as_slice()));
}

#[tokio::test]
async fn a_document_of_another_kind_is_not_claimed() {
    let host = Plugins::none().with_rust("example-plugin-pnm").load();
    let recognised = host.recognise_document("label.csv", "", "path,label\n".into()).await;
    assert!(recognised.iter().all(|(_, recognition)| recognition.confidence == 0), "{recognised:?}");
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_the_documents_fault() {
    let host = Plugins::none().with_rust("example-plugin-pnm").load();
    let error = host.import_document("keypoints", "points.csv", "", b"\xff\xfe".as_slice().into()).await.unwrap_err();
    assert_eq!((error.kind, error.plugin.as_str()), (PluginErrorKind::Corrupt, "org.example.pnm"));
}

#[tokio::test]
async fn a_batch_whose_columns_do_not_fit_is_the_callers_fault() {
    let host = Plugins::none().with_rust("example-plugin-pnm").load();
    let error = host.validate("keypoints", Batch { image: vec![0], ..Batch::default() }).await.unwrap_err();
    assert_eq!(error.kind, PluginErrorKind::Invalid);
}
