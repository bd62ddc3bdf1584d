//! What is loaded, and what is refused by name and reason while the rest is used.

use crate::libraries::{Plugins, rust_library, settings};
use crate::plugin_libraries::built_in_plugin_dir;
use bytes::Bytes;
use lightbox::plugin_host::{PluginErrorKind, PluginHost, PluginHostSettings, Refusal};
use lightbox_sdk::{Batch, ImageRef};

/// Loads `misbehaving.c` broken in one way beside a plugin that works, and gives the refusal.
fn refusal_of(definitions: &[&str]) -> Refusal {
    let plugins = Plugins::none().with_misbehaving("broken", definitions).with_c_example();
    let catalog = plugins.load().catalog();
    let ids: Vec<&str> = catalog.plugins().iter().map(|plugin| plugin.id.as_str()).collect();
    assert_eq!(ids, ["org.example.pgm"], "beside {definitions:?}");
    let [refusal] = catalog.refusals() else { panic!("{:?} beside {definitions:?}", catalog.refusals()) };
    assert_eq!(refusal.path, plugins.library("broken"));
    refusal.clone()
}

#[test]
fn a_plugin_that_breaks_the_contract_is_refused_with_the_reason_and_the_others_stay() {
    let cases: &[(&[&str], &str)] = &[
        (&["NO_ABI_FUNCTION"], "it has no function lbx_plugin_abi"),
        (&["NO_INIT_FUNCTION"], "it has no function lbx_plugin_init"),
        (&["MAGIC=1"], "starts with 0x00000001 instead of"),
        (
            &["MAJOR=2"],
            "it speaks plugin ABI 2.1, this server speaks 1.1: rebuild the plugin with ABI 1, or update the server",
        ),
        (&["MAJOR=0"], "it speaks plugin ABI 0.1, this server speaks 1.1: rebuild the plugin with ABI 1"),
        (
            &["MINOR=7"],
            "it needs plugin ABI 1.7, this server speaks 1.1: rebuild the plugin with ABI 1.1, or update the server",
        ),
        (&["FLAGS=LBX_FLAG_PANIC_ABORT"], "panic = \"abort\""),
        (&["INIT_REFUSES"], "it refused to start: the licence has expired"),
        (&["PLUGIN_ID=\"Not An Id\""], "its id is \"Not An Id\""),
        (&["PLUGIN_ID=\"\""], "its id is \"\""),
        (&["PLUGIN_NAME=\"\\xff\""], "its name is not UTF-8"),
        (&["CAPABILITY_COUNT=0"], "it offers 0 capabilities"),
        (&["CAPABILITY_COUNT=100000"], "it offers 100000 capabilities"),
        (&["CAPABILITY_COUNT=2"], "it offers the image format bad twice"),
        (&["NO_DECODE"], "its image format bad has no function decode"),
        (&["DESCRIPTOR=\"{\""], "the descriptor of its capability bad is not the JSON expected"),
        (&["DESCRIPTOR=\"{\\\"id\\\":\\\"bad\\\"}\""], "is not the JSON expected: missing field"),
        (&["IFACE=LBX_ANNOTATION_TYPE_V1"], "the descriptor of its capability bad is not the JSON expected"),
    ];
    for (definitions, reason) in cases {
        let refusal = refusal_of(definitions);
        assert!(refusal.reason.contains(reason), "{definitions:?}: {}", refusal.reason);
        assert_eq!(Some(refusal.name.as_str()), refusal.path.file_name().and_then(|name| name.to_str()));
    }
}

#[test]
fn a_capability_by_an_interface_from_the_future_is_left_out() {
    let catalog = Plugins::none().with_misbehaving("newer", &["IFACE=\"lbx.image-format/9\""]).load().catalog();
    assert_eq!(catalog.plugins().len(), 1);
    assert_eq!(catalog.image_formats().count(), 0);
    assert_eq!(catalog.refusals()[0].name, "test.misbehaving/bad");
    assert!(catalog.refusals()[0].reason.contains("lbx.image-format/9"), "{}", catalog.refusals()[0].reason);
}

#[test]
fn an_older_table_that_ends_earlier_is_used_as_far_as_it_goes() {
    let host = Plugins::none().with_misbehaving("older", &["SHORT_TABLE"]).load();
    let catalog = host.catalog();
    assert_eq!(catalog.refusals(), []);
    assert_eq!(host.recognise_image(b"anything", 8, "a.bad").unwrap().as_deref(), Some("bad"));
}

const ABI_1_0: &str = "tests/fixtures/plugins/abi-1.0/plugin.c";

#[tokio::test]
async fn a_plugin_that_was_built_against_the_first_minor_version_works_as_far_as_it_goes() {
    let host = Plugins::none().with_source(ABI_1_0, "first", &[]).load();
    let catalog = host.catalog();
    assert_eq!(catalog.refusals(), []);
    assert_eq!(catalog.plugins()[0].id, "test.abi-1.0");

    let recognised = host.recognise_document("label.csv", "", Bytes::from("a,b").into()).await;
    assert_eq!((recognised.failed, recognised.surest_first[0].1.confidence), (vec![], 40));
    let images = vec![ImageRef { path: "a.png".into(), width: 4, height: 3, line: 0 }];
    let (labels, one) = (vec!["hand".to_owned()], vec![0]);
    let (image, label, line, value) = (one.clone(), one.clone(), one, vec![1]);
    let batch = Batch { labels, images, image, label, line, value, ..Batch::default() };
    let imported = host.import_document("echo", "echo.bin", "echo", Bytes::from(batch.encode()).into()).await.unwrap();
    assert_eq!(imported.batch, batch);
    assert_eq!(host.validate("echo", batch.clone()).await.unwrap().batch, batch);
    assert_eq!(host.merge("echo", batch.clone()).await.unwrap().batch, batch);

    let error = host.export("echo", "echo", batch).await.unwrap_err();
    assert_eq!((error.kind, error.plugin.as_str()), (PluginErrorKind::Unsupported, "test.abi-1.0"));
    assert_eq!(error.message, "the annotation type echo was asked to write echo, but writes nothing");
}

#[test]
fn what_stands_behind_the_end_of_an_older_table_is_no_function() {
    let catalog = Plugins::none().with_source(ABI_1_0, "first", &["EXPORTS"]).load().catalog();
    assert_eq!(catalog.plugins(), []);
    assert_eq!(catalog.refusals()[0].reason, "its annotation type echo has no function export_document");
}

#[test]
fn a_library_that_is_cut_anywhere_is_refused_and_nobody_dies_of_it() {
    let whole = std::fs::read(rust_library("example-plugin-keypoints")).unwrap();
    for share in 0..20 {
        let length = whole.len() * share / 20;
        let catalog = Plugins::none().with_bytes("cut", &whole[..length]).load().catalog();
        assert_eq!((catalog.plugins().len(), catalog.refusals().len()), (0, 1), "{length} of {} bytes", whole.len());
    }
    let catalog = Plugins::none().with_bytes("cut", &whole[..whole.len() - 1]).load().catalog();
    assert!(catalog.refusals()[0].reason.contains("truncated"), "{}", catalog.refusals()[0].reason);
}

#[test]
fn what_is_no_library_at_all_is_refused() {
    for bytes in [b"".as_slice(), b"#!/bin/sh\n", b"\x7fELF\x02\x01", &[0xff; 4096]] {
        let catalog = Plugins::none().with_bytes("text", bytes).load().catalog();
        assert_eq!((catalog.plugins().len(), catalog.refusals().len()), (0, 1), "{} bytes", bytes.len());
    }
}

#[cfg(unix)]
#[test]
fn a_library_that_everyone_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let plugins = Plugins::none().with_c_example();
    std::fs::set_permissions(plugins.library("pgm"), std::fs::Permissions::from_mode(0o757)).unwrap();
    let catalog = plugins.load().catalog();
    assert_eq!(catalog.plugins(), []);
    assert!(catalog.refusals()[0].reason.contains("everyone may write"), "{}", catalog.refusals()[0].reason);
}

#[test]
fn a_directory_that_is_not_there_is_told_and_the_others_are_searched() {
    let plugins = Plugins::none().with_c_example();
    let directories = Some(vec![plugins.path().join("nowhere"), plugins.path().to_owned()]);
    let catalog = PluginHost::load(PluginHostSettings { directories, ..settings() }).catalog();
    assert_eq!(catalog.plugins().len(), 1);
    assert!(catalog.refusals()[0].reason.contains("cannot be read"), "{}", catalog.refusals()[0].reason);
}

#[test]
fn plugins_of_the_data_directory_are_found() {
    let data = tempfile::TempDir::new().unwrap();
    crate::plugin_libraries::link(rust_library("example-plugin-keypoints"), &data.path().join("plugins"));
    let data_dir = Some(data.path().to_owned());
    let catalog = PluginHost::load(PluginHostSettings { data_dir, ..settings() }).catalog();
    let found = catalog.plugins().iter().find(|plugin| plugin.id == "org.example.keypoints").unwrap();
    assert!(found.path.starts_with(data.path()), "{}", found.path.display());
}

#[test]
fn a_third_party_plugin_says_who_it_is() {
    let catalog = Plugins::none().with_rust("example-plugin-keypoints").load().catalog();
    let [plugin] = catalog.plugins() else { panic!("{:?}", catalog.refusals()) };
    assert_eq!(
        (plugin.id.as_str(), plugin.name.as_str(), plugin.version.as_str(), plugin.vendor.as_str(), plugin.built_in),
        ("org.example.keypoints", "Keypoints", "1.2.3", "Example", false)
    );
    assert_eq!((&plugin.image_formats, &plugin.annotation_types), (&vec![], &vec!["keypoints".to_owned()]));
}

#[test]
fn the_five_built_in_plugins_are_loaded() {
    let directories = Some(vec![built_in_plugin_dir().to_owned()]);
    let catalog = PluginHost::load(PluginHostSettings { directories, ..settings() }).catalog();
    assert_eq!(catalog.refusals(), []);
    let ids: Vec<&str> = catalog.plugins().iter().map(|plugin| plugin.id.as_str()).collect();
    let expected =
        ["classification", "detection", "dicom", "raster", "segmentation"].map(|id| format!("lightbox.{id}"));
    assert_eq!(ids, expected);
    assert!(catalog.plugins().iter().all(|plugin| plugin.built_in));
}
