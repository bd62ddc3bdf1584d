//! The C header that is checked in is the one that the Rust sources give.

#[test]
fn the_header_is_current() -> Result<(), Box<dyn std::error::Error>> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    let mut generated = Vec::new();
    cbindgen::Builder::new().with_crate(root).with_config(config).generate()?.write(&mut generated);
    let path = root.join("lightbox_plugin.h");
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&path, &generated)?;
    }
    let current = std::fs::read(&path).unwrap_or_default();
    assert!(
        current == generated,
        "{} is not what the sources give: run `UPDATE_HEADER=1 cargo test -p lightbox-abi` and commit it",
        path.display()
    );
    Ok(())
}

#[test]
fn the_header_names_the_interfaces_as_the_sources_do() -> Result<(), Box<dyn std::error::Error>> {
    let header = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("lightbox_plugin.h"))?;
    for (name, id) in [
        ("LBX_IMAGE_FORMAT_V1", lightbox_abi::LBX_IMAGE_FORMAT_V1),
        ("LBX_ANNOTATION_TYPE_V1", lightbox_abi::LBX_ANNOTATION_TYPE_V1),
    ] {
        assert!(header.contains(&format!("#define {name} \"{id}\"\n")), "{name} differs in cbindgen.toml");
    }
    for name in [lightbox_abi::LBX_ABI_SYMBOL, lightbox_abi::LBX_INIT_SYMBOL] {
        assert!(header.contains(&format!("*{name}(")), "{name} is not declared");
    }
    Ok(())
}
