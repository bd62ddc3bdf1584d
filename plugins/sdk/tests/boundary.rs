//! The C tables that `export_plugin!` makes, called as a host would, without loading a library.

// In a test a panic is the report.
#![allow(clippy::unwrap_used)]

use lightbox_sdk::export::abi::*;
use lightbox_sdk::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Batch, Call, DecodeRequest, Document, Error,
    ImageFormat, ImageFormatDescriptor, ImageMetadata, ImageReader, Imported, PixelFormat, PixelOut, Recognition,
    Result, Validated, export_plugin, exported_plugin,
};
use std::ffi::c_void;
use std::ptr;

/// Panics, fails or works as the first byte of the file says.
struct Moody;

struct MoodyReader(u8);

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

impl ImageFormat for Moody {
    fn descriptor(&self) -> ImageFormatDescriptor {
        ImageFormatDescriptor {
            id: "moody".into(),
            name: "Moody".into(),
            extensions: vec!["moody".into()],
            media_type: "image/x-moody".into(),
            encodes: false,
        }
    }

    fn probe(&self, head: &[u8], _total_bytes: u64, _name: &str) -> u8 {
        head[0]
    }

    fn open<'a>(&'a self, bytes: &'a [u8], _call: &Call<'_>) -> Result<Box<dyn ImageReader + 'a>> {
        match bytes.first() {
            None => Err(Error::Corrupt("ä".repeat(2000))),
            Some(b'o') => panic!("open {}", "failed"),
            Some(b'p') => std::panic::panic_any(PanicsWhenDropped),
            Some(mood) => Ok(Box::new(MoodyReader(*mood))),
        }
    }
}

impl ImageReader for MoodyReader {
    fn metadata(&mut self, _call: &Call<'_>) -> Result<ImageMetadata> {
        assert_ne!(self.0, b'm', "bad mood");
        Ok(ImageMetadata { width: 2, height: 1, ..ImageMetadata::default() })
    }

    fn decode(&mut self, _request: &DecodeRequest, out: PixelOut<'_>, call: &Call<'_>) -> Result<()> {
        call.check()?;
        out.alloc(2, 1, PixelFormat::Gray8)?.copy_from_slice(&[7, 9]);
        Ok(())
    }
}

impl Drop for MoodyReader {
    fn drop(&mut self) {
        assert_ne!(self.0, b'c', "close failed");
    }
}

/// Writes nothing, and says so before it is asked.
struct Mute;

impl AnnotationType for Mute {
    fn descriptor(&self) -> AnnotationTypeDescriptor {
        AnnotationTypeDescriptor {
            id: "mute".into(),
            name: "Mute".into(),
            description: "Gives back what it gets.".into(),
            shape: AnnotationShape::Custom,
            formats: vec![],
            exports: vec![],
        }
    }

    fn recognise(&self, _document: Document<'_>, _call: &Call<'_>) -> Result<Recognition> {
        Ok(Recognition::none("it is mute"))
    }

    fn import(&self, document: Document<'_>, _call: &Call<'_>) -> Result<Imported> {
        panic!("{} as {}", document.name, document.format)
    }

    fn validate(&self, batch: Batch, _call: &Call<'_>) -> Result<Validated> {
        Ok(Validated { batch, findings: vec![] })
    }

    fn merge(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        call.check()?;
        self.validate(batch, call)
    }
}

export_plugin! {
    id: "org.example.moody",
    name: "Moody",
    vendor: "Example",
    image_formats: [Moody => 3],
    annotation_types: [Mute],
}

unsafe extern "C" {
    fn lbx_plugin_abi() -> *const LbxAbiInfo;
    fn lbx_plugin_init(host: *const LbxHost, error: *mut LbxError) -> *const LbxPlugin;
}

/// The plugin's image format and its table.
fn capability() -> (LbxCapability, LbxImageFormatV1) {
    // SAFETY: the functions are defined above, by the macro; all they give lives until the process ends.
    unsafe {
        let plugin = read_table(lbx_plugin_init(ptr::null(), ptr::null_mut())).unwrap();
        assert_eq!(plugin.capability_count, 2);
        let capability = read_table(*plugin.capabilities).unwrap();
        (capability, read_table(capability.vtable.cast()).unwrap())
    }
}

fn call(is_cancelled: LbxIsCancelled) -> LbxCall {
    let struct_size = size_of::<LbxCall>() as u32;
    LbxCall { struct_size, reserved: 0, ctx: ptr::null_mut(), deadline_ms: 0, max_output_bytes: 1000, is_cancelled }
}

fn message(error: &LbxError) -> &str {
    std::str::from_utf8(&error.message[..error.message_len as usize]).unwrap()
}

fn open(file: &'static [u8]) -> std::result::Result<*mut c_void, (i32, String)> {
    let (capability, table) = capability();
    let (mut reader, mut error) = (ptr::null_mut(), LbxError::empty());
    // SAFETY: the arguments are valid as the contract of `LbxOpen` says.
    let status =
        unsafe { table.open.unwrap()(capability.instance, &call(None), LbxBytes::new(file), &mut reader, &mut error) };
    if status == LBX_OK { Ok(reader) } else { Err((status, message(&error).to_owned())) }
}

#[test]
fn the_plugin_says_who_it_is() {
    // SAFETY: as in `capability`.
    let abi = unsafe { *lbx_plugin_abi() };
    assert_eq!((abi.magic, abi.abi_major, abi.abi_minor), (LBX_ABI_MAGIC, LBX_ABI_MAJOR, LBX_ABI_MINOR));
    assert_eq!(abi.flags, 0);
    assert_eq!(capability().0.priority, 3);
}

#[test]
fn starting_twice_gives_the_same_plugin() {
    // SAFETY: as in `capability`.
    let twice = unsafe { [0; 2].map(|_| lbx_plugin_init(ptr::null(), ptr::null_mut())) };
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn a_panic_is_an_error_with_its_place() {
    let (status, sentence) = open(b"o").unwrap_err();
    assert_eq!(status, LBX_INTERNAL);
    assert!(sentence.starts_with("the plugin panicked at ") && sentence.contains("boundary.rs:"), "{sentence}");
    assert!(sentence.ends_with(": open failed"), "{sentence}");
}

#[test]
fn the_payload_of_a_panic_may_panic_when_it_is_dropped() {
    assert_eq!(open(b"p").unwrap_err().0, LBX_INTERNAL);
}

#[test]
fn a_message_that_is_too_long_is_cut_between_two_letters() {
    let (status, sentence) = open(b"").unwrap_err();
    assert_eq!((status, sentence), (LBX_CORRUPT, "ä".repeat(LBX_MESSAGE_CAPACITY / 2)));
}

#[test]
fn a_panic_in_probe_means_no_confidence_and_one_in_close_is_swallowed() {
    let (capability, table) = capability();
    let reader = open(b"c").unwrap();
    // SAFETY: the arguments are valid as the contract of the functions says.
    unsafe {
        assert_eq!(table.probe.unwrap()(capability.instance, LbxBytes::EMPTY, 0, LbxStr::EMPTY), 0);
        assert_eq!(table.probe.unwrap()(capability.instance, LbxBytes::new(&[250]), 0, LbxStr::EMPTY), 100);
        table.close.unwrap()(capability.instance, reader);
    }
}

/// Gives the memory behind `ctx`, a `[u8; 2]`.
unsafe extern "C" fn give(ctx: *mut c_void, desc: *const LbxFrameDesc, ptr: *mut *mut u8, len: *mut usize) -> i32 {
    // SAFETY: called below with places that live long enough.
    unsafe {
        assert_eq!(((*desc).width, (*desc).height, (*desc).format), (2, 1, LBX_PIXELS_GRAY8));
        ptr.write(ctx.cast());
        len.write(2);
    }
    LBX_OK
}

fn decode(is_cancelled: LbxIsCancelled, mode: u32) -> (i32, [u8; 2]) {
    let (capability, table) = capability();
    let (reader, mut pixels, mut error) = (open(b" ").unwrap(), [0; 2], LbxError::empty());
    let struct_size = size_of::<LbxPixelSink>() as u32;
    let sink = LbxPixelSink { struct_size, reserved: 0, ctx: (&raw mut pixels).cast(), alloc: Some(give) };
    let struct_size = size_of::<LbxDecodeRequest>() as u32;
    let request =
        LbxDecodeRequest { struct_size, frame: 0, mode, has_window: 0, window_center: 0.0, window_width: 0.0 };
    // SAFETY: the arguments are valid as the contract of the functions says.
    let status = unsafe {
        let decode = table.decode.unwrap();
        let status = decode(capability.instance, reader, &call(is_cancelled), &request, &sink, &mut error);
        table.close.unwrap()(capability.instance, reader);
        status
    };
    (status, pixels)
}

unsafe extern "C" fn yes(_ctx: *mut c_void) -> u8 {
    1
}

#[test]
fn pixels_go_into_the_hosts_memory() {
    assert_eq!(decode(None, LBX_DECODE_STORED), (LBX_OK, [7, 9]));
}

#[test]
fn a_call_that_is_cancelled_stops() {
    assert_eq!(decode(Some(yes), LBX_DECODE_STORED), (LBX_CANCELLED, [0, 0]));
}

#[test]
fn a_mode_from_the_future_is_unsupported() {
    assert_eq!(decode(None, 77), (LBX_UNSUPPORTED, [0, 0]));
}

#[test]
fn an_annotation_type_answers_through_its_table_as_it_does_by_itself() {
    let (mute, call) = (exported_plugin!().unwrap().require_annotation_type("mute").unwrap(), Call::unlimited());
    let batch = Batch { labels: vec!["näv".into()], ..Batch::default() };
    let document = Document { name: "a/b.json", format: "json", bytes: b"" };
    assert_eq!(mute.descriptor(), Mute.descriptor());
    assert_eq!(mute.recognise(document, &call), Mute.recognise(document, &call));
    assert_eq!(mute.validate(batch.clone(), &call).unwrap().batch, batch);
    let refused = Error::Unsupported("this annotation type does not write json".into());
    assert_eq!(mute.export(batch.clone(), "json", &call), Err(refused));
    let cancelled = Call::new(None, 1 << 10, &|| true);
    assert_eq!(mute.merge(batch.clone(), &cancelled).unwrap_err(), Error::Cancelled);
    let Err(Error::Internal(sentence)) = mute.import(document, &call) else { panic!() };
    assert!(sentence.ends_with(": a/b.json as json"), "{sentence}");
    let narrow = Call::new(None, 10, &|| false);
    assert!(matches!(mute.validate(batch, &narrow), Err(Error::Limit(_))));
}

#[test]
fn a_descriptor_of_an_older_sdk_writes_no_documents() {
    let older = r#"{"id":"a","name":"A","description":"","shape":"custom","formats":[]}"#;
    assert_eq!(serde_json::from_str::<AnnotationTypeDescriptor>(older).unwrap().exports, Vec::<String>::new());
}

#[test]
fn what_a_plugin_does_not_offer_is_not_found() {
    let plugin = exported_plugin!().unwrap();
    assert!(plugin.require_annotation_type("moody").is_err() && plugin.require_image_format("mute").is_err());
    assert!(plugin.require_image_format("moody").is_ok());
}
