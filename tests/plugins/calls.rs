//! Plugins that lie, hang or panic in a call: an error of that call, and the next call works.

use crate::libraries::Plugins;
use bytes::Bytes;
use lightbox::plugin_host::{PluginError, PluginErrorKind, PluginHost, PluginHostSettings};
use lightbox_sdk::Batch;
use tokio_util::sync::CancellationToken;

const PANICS: &str = "fixture-plugin-panics";

async fn inspect(host: &PluginHost, plugins: &Plugins, format: &str, file: &[u8]) -> Result<(), PluginError> {
    host.inspect(format, plugins.file(file), 64, &CancellationToken::new()).await.map(|_| ())
}

async fn inspect_misbehaving(definitions: &[&str]) -> Result<(), PluginError> {
    let plugins = Plugins::none().with_raster().with_misbehaving("bad", definitions);
    inspect(&plugins.load(), &plugins, "bad", b"").await
}

#[tokio::test]
async fn a_plugin_that_lies_is_at_fault_and_the_sentence_says_how() {
    use PluginErrorKind::{Cancelled, Corrupt, Internal, Limit};
    let cases: &[(&[&str], PluginErrorKind, &str)] = &[
        (&["NULL_READER"], Internal, "it said that the file is open, but gave no reader"),
        (&["OPEN_STATUS=99"], Internal, "unknown status 99"),
        (&["OPEN_STATUS=LBX_CANCELLED"], Cancelled, "cancelled"),
        (&["OPEN_STATUS=LBX_CORRUPT"], Corrupt, "the plugin gave no reason"),
        (&["GARBAGE_ERROR"], Corrupt, "\u{fffd}"),
        (&["METADATA=\"no JSON\""], Internal, "its metadata is not the JSON expected"),
        (&["METADATA=\"{\\\"width\\\":4\""], Internal, "its metadata is not the JSON expected"),
        (
            &[
                "METADATA=\"{\\\"width\\\":4,\\\"height\\\":0,\\\"frame_count\\\":1,\\\"bits_per_sample\\\":8,\\\"samples_per_pixel\\\":1}\"",
            ],
            Internal,
            "its metadata says 1 frames of 4 × 0 pixels",
        ),
        (&["ENDLESS_METADATA"], Limit, "of metadata or more, 16777216 are allowed"),
        (&["GIVES_NO_PICTURE"], Internal, "it said that frame 0 is decoded, but gave no picture"),
        (&["ASKS_TWICE"], Internal, "asked twice"),
        (&["ASKS_TWICE", "IGNORES_REFUSAL"], Internal, "asked twice"),
        (&["WIDTH=0"], Internal, "decoded 0 × 3 pixels where its metadata says 4 × 3"),
        (&["WIDTH=5", "IGNORES_REFUSAL"], Internal, "decoded 5 × 3 pixels where its metadata says 4 × 3"),
        (&["HEIGHT=4294967295u"], Internal, "4 × 4294967295 pixels"),
        (&["FORMAT=77"], Internal, "the unknown format 77"),
        (&["FORMAT=LBX_PIXELS_GRAY16"], Internal, "where 8 bits a sample were asked for"),
    ];
    for (definitions, kind, sentence) in cases {
        let error = inspect_misbehaving(definitions).await.unwrap_err();
        assert_eq!((error.kind, error.plugin.as_str()), (*kind, "test.misbehaving"), "{definitions:?}: {error}");
        assert!(error.message.contains(sentence), "{definitions:?}: {error}");
    }
}

#[tokio::test]
async fn a_picture_larger_than_allowed_is_refused_before_memory_is_taken() {
    let metadata = "METADATA=\"{\\\"width\\\":4294967295,\\\"height\\\":4294967295,\\\"frame_count\\\":1,\\\"bits_per_sample\\\":8,\\\"samples_per_pixel\\\":1}\"";
    let error = inspect_misbehaving(&[metadata, "WIDTH=4294967295u", "HEIGHT=4294967295u"]).await.unwrap_err();
    assert_eq!(error.kind, PluginErrorKind::Limit);
    assert!(error.message.ends_with("takes 18446744065119617025 bytes, 1073741824 are allowed"), "{error}");
    let plugins = Plugins::none().with_raster().with_misbehaving("bad", &[]);
    let host = PluginHost::load(PluginHostSettings { max_pixels_bytes: 11, ..plugins.settings() });
    let error = inspect(&host, &plugins, "bad", b"").await.unwrap_err();
    assert_eq!(error.message, "a frame of 4 × 3 Gray8 pixels takes 12 bytes, 11 are allowed");
}

#[tokio::test]
async fn pixels_that_a_plugin_leaves_unwritten_are_black() {
    let plugins = Plugins::none().with_raster().with_misbehaving("bad", &["LEAVES_PIXELS_UNWRITTEN"]);
    let host = plugins.load();
    // Other pictures before, so that the memory is not fresh.
    host.encode_png(4, 3, vec![255; 12]).await.unwrap();
    let png = host.convert("bad", plugins.file(b""), 0, 8).await.unwrap();
    assert_eq!(png, host.encode_png(4, 3, vec![0; 12]).await.unwrap());
}

#[tokio::test]
async fn a_panic_is_an_error_of_that_call_with_its_place_and_the_next_call_works() {
    let plugins = Plugins::none().with_raster().with_rust(PANICS);
    let host = plugins.load();
    let catalog = host.catalog();
    assert_eq!(catalog.refusals(), []);
    for place in ["open", "metadata", "decode"] {
        let error = inspect(&host, &plugins, "panics", place.as_bytes()).await.unwrap_err();
        assert_eq!((error.kind, error.plugin.as_str()), (PluginErrorKind::Internal, "test.panics"));
        assert!(error.message.contains(&format!("in {place}")) && error.message.contains("lib.rs:"), "{error}");
        inspect(&host, &plugins, "panics", b"x").await.unwrap();
    }
    let error = host.elements("panics", plugins.file(b"elements")).await.unwrap_err();
    assert!(error.message.contains("in elements"), "{error}");
    assert_eq!(host.recognise_image(b"probe", 5, "a.panic"), Ok(None));
    inspect(&host, &plugins, "panics", b"close").await.unwrap();
    assert_eq!(host.recognise_image(b"x", 1, "a.panic").unwrap().as_deref(), Some("panics"));
}

#[tokio::test]
async fn a_panic_in_an_annotation_call_is_an_error_of_that_call() {
    let host = Plugins::none().with_rust(PANICS).load();
    let recognised = host.recognise_document("label.csv", "", Bytes::from("a,b").into()).await;
    assert_eq!(recognised.surest_first, []);
    assert_eq!(recognised.failed[0].kind, PluginErrorKind::Internal);
    let import = host.import_document("panics", "label.csv", "", Bytes::from("a,b").into()).await.unwrap_err();
    let validate = host.validate("panics", Batch::default()).await.unwrap_err();
    let merge = host.merge("panics", Batch::default()).await.unwrap_err();
    for (error, place) in [(import, "import"), (validate, "validate"), (merge, "merge")] {
        assert_eq!(error.kind, PluginErrorKind::Internal);
        assert!(error.message.ends_with(&format!("in {place}")), "{error}");
    }
}

#[tokio::test]
async fn a_call_that_is_cancelled_ends() {
    let plugins = Plugins::none().with_raster().with_misbehaving("bad", &["WAITS_FOR_CANCEL"]);
    let host = plugins.load();
    let cancel = CancellationToken::new();
    let file = plugins.file(b"");
    let (outcome, ()) = tokio::join!(host.inspect("bad", file, 64, &cancel), async { cancel.cancel() });
    assert_eq!(outcome.unwrap_err().kind, PluginErrorKind::Cancelled);
}

#[tokio::test]
async fn a_call_that_takes_too_long_ends_and_the_sentence_names_the_limit() {
    let plugins = Plugins::none().with_raster().with_misbehaving("bad", &["WAITS_FOR_CANCEL"]);
    let host = PluginHost::load(PluginHostSettings { call_timeout_ms: 30, ..plugins.settings() });
    let error = inspect(&host, &plugins, "bad", b"").await.unwrap_err();
    assert_eq!(error.kind, PluginErrorKind::TimedOut);
    assert_eq!(error.message, "the call took longer than the 30 ms that a plugin call may take");
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_gives_its_place_to_the_next() {
    let plugins = Plugins::none().with_raster().with_misbehaving("bad", &["WAITS_FOR_CANCEL"]);
    let host = PluginHost::load(PluginHostSettings { parallel_calls: 1, ..plugins.settings() });
    let cancel = CancellationToken::new();
    {
        let file = plugins.file(b"");
        let mut hanging = std::pin::pin!(host.inspect("bad", file, 64, &cancel));
        assert!(futures_util::poll!(&mut hanging).is_pending());
    }
    host.encode_png(1, 1, vec![0]).await.unwrap();
}

#[tokio::test]
async fn what_no_plugin_offers_is_unsupported_and_the_sentence_names_it() {
    let plugins = Plugins::none();
    let host = plugins.load();
    let error = host.encode_png(1, 1, vec![0]).await.unwrap_err();
    assert_eq!(error.kind, PluginErrorKind::Unsupported);
    assert!(error.message.contains("writing the image format png"), "{error}");
    let error = host.merge("unheard-of", Batch::default()).await.unwrap_err();
    assert!(error.message.contains("the annotation type unheard-of"), "{error}");
    let error = host.elements("unheard-of", plugins.file(b"")).await.unwrap_err();
    assert!(error.message.contains("the image format unheard-of"), "{error}");
}
