//! What a worker says before its first call, as the server reads it.

use super::message::{self, frame};
use crate::plugin_host::pool::start::read_introduction;
use crate::plugin_host::wire;
use crate::script::Script;

const READY: &str = r#"{"sandbox":{"limits":true,"no_new_privileges":true,"file_system":null,"network":true,"system_calls":true,"missing":[]}"#;

pub fn run(script: &mut Script) {
    let scratch = wire::new_scratch().expect("a memory file");
    let announced = (script.oddity(1) > 0).then(|| script.number());
    let size = script.number().min(1 << 20);
    let head = match script.oddity(1) {
        0 => {
            let in_scratch = announced.map_or("null".to_owned(), |length| length.to_string());
            let refusal = script.one_of(&["null", "null", "null", r#""it is not for this server""#]);
            format!(r#"{READY},"refusal":{refusal},"in_scratch":{in_scratch}}}"#).into_bytes()
        }
        _ => script.bytes(4096),
    };
    let manifest = script.rest();
    let (in_body, in_file) = if announced.is_none() { (&manifest[..], &b""[..]) } else { (&b""[..], &manifest[..]) };
    super::fill(script, &scratch, in_file, size.max(in_file.len() as u64));
    let (server, worker) = message::pair();
    message::send(&worker, &frame(head.len() as u32, &head, in_body), 0);
    let Ok(Some(received)) = wire::receive(&server, Vec::new()) else { return };
    match read_introduction(&received, scratch) {
        Ok((introduced, _)) => introduced.manifest.check().expect("only sound manifests are taken"),
        Err(reason) => assert!(!reason.is_empty()),
    }
}
