//! Who is used when several plugins offer the same.

use crate::libraries::Plugins;
use lightbox::plugin_host::PluginHost;

fn owner(host: &PluginHost, format: &str) -> String {
    host.catalog().find_image_format(format).unwrap().1.id.clone()
}

#[test]
fn of_two_plugins_with_the_same_id_the_first_by_name_is_used() {
    let plugins = Plugins::none().with_misbehaving("a", &[]).with_misbehaving("b", &["FORMAT_ID=\"other\""]);
    let catalog = plugins.load().catalog();
    assert_eq!(catalog.plugins()[0].path, plugins.library("a"));
    let [refusal] = catalog.refusals() else { panic!("{:?}", catalog.refusals()) };
    assert_eq!((refusal.name.as_str(), &refusal.path), ("test.misbehaving", &plugins.library("b")));
    assert!(refusal.reason.contains("already loaded from"), "{}", refusal.reason);
}

#[test]
fn of_two_rivals_the_higher_priority_is_used_wherever_it_lies() {
    for (strong, weak) in [("a", "b"), ("b", "a")] {
        let plugins = Plugins::none()
            .with_misbehaving(strong, &["PLUGIN_ID=\"test.strong\"", "PRIORITY=5"])
            .with_misbehaving(weak, &["PLUGIN_ID=\"test.another\""]);
        let host = plugins.load();
        let catalog = host.catalog();
        assert_eq!(owner(&host, "bad"), "test.strong");
        let [refusal] = catalog.refusals() else { panic!("{:?}", catalog.refusals()) };
        assert_eq!(refusal.name, "test.another/bad");
        assert!(refusal.reason.contains("test.strong offers the image format bad too, at priority 5 over 0"));
        let shadowed = catalog.plugins().iter().find(|plugin| plugin.id == "test.another").unwrap();
        assert_eq!(shadowed.image_formats, [""; 0]);
    }
}

#[test]
fn of_two_equal_rivals_the_first_by_id_is_used_wherever_it_lies() {
    for (first, second) in [("a", "b"), ("b", "a")] {
        let plugins = Plugins::none()
            .with_misbehaving(first, &["PLUGIN_ID=\"test.1\""])
            .with_misbehaving(second, &["PLUGIN_ID=\"test.2\""]);
        assert_eq!(owner(&plugins.load(), "bad"), "test.1");
    }
}

#[test]
fn the_surest_format_gets_the_file_and_a_tie_goes_to_priority() {
    let plugins = Plugins::none()
        .with_misbehaving("a", &["PLUGIN_ID=\"test.a\"", "FORMAT_ID=\"a\"", "CONFIDENCE=50"])
        .with_misbehaving("b", &["PLUGIN_ID=\"test.b\"", "FORMAT_ID=\"b\"", "CONFIDENCE=60"])
        .with_misbehaving("c", &["PLUGIN_ID=\"test.c\"", "FORMAT_ID=\"c\"", "CONFIDENCE=60", "PRIORITY=1"]);
    assert_eq!(plugins.load().recognise_image(b"", 0, "").unwrap().as_deref(), Some("c"));
}

#[test]
fn a_confidence_out_of_range_counts_as_the_nearest_in_range() {
    let sure = Plugins::none()
        .with_misbehaving("a", &["PLUGIN_ID=\"test.a\"", "FORMAT_ID=\"a\"", "CONFIDENCE=100", "PRIORITY=1"])
        .with_misbehaving("b", &["PLUGIN_ID=\"test.b\"", "FORMAT_ID=\"b\"", "CONFIDENCE=1000"]);
    assert_eq!(sure.load().recognise_image(b"", 0, "").unwrap().as_deref(), Some("a"));
    let unsure = Plugins::none().with_misbehaving("a", &["CONFIDENCE=-7"]);
    assert_eq!(unsure.load().recognise_image(b"", 0, ""), Ok(None));
}
