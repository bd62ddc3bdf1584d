//! What must be true of an answer, by what was asked.

use crate::plugin_host::answers::{
    check_picture, read_elements, read_export, read_import, read_metadata, read_recognition, read_transformed,
};
use crate::plugin_host::task::{Answer, RenderOutput, Task};
use lightbox_sdk::Batch;

/// # Errors
/// What the answer breaks, in one sentence.
pub fn check(task: &Task, input: &[u8], answer: &Answer) -> Result<(), String> {
    let parts: Vec<&[u8]> = answer.parts.iter().map(AsRef::as_ref).collect();
    match (task, parts.as_slice()) {
        (Task::InThreads { task, .. }, _) => check(task, input, answer),
        (Task::Inspect { .. }, [_, metadata, thumbnail]) => {
            read_metadata(metadata)?;
            check_picture(thumbnail, RenderOutput::Jpeg.format())
        }
        (Task::Inspect { .. }, parts) => Err(format!("an inspection has 3 parts, this one {}", parts.len())),
        (_, [part]) => check_part(task, input, part),
        (_, parts) => Err(format!("an answer of one part was expected, it has {}", parts.len())),
    }
}

fn check_part(task: &Task, input: &[u8], part: &[u8]) -> Result<(), String> {
    match task {
        Task::Elements { .. } => read_elements(part).map(drop),
        Task::Convert { .. } => check_picture(part, RenderOutput::Png.format()),
        Task::Render { output, .. } => check_picture(part, output.format()),
        Task::Encode { .. } if part.is_empty() => Err("it wrote a picture of no bytes".to_owned()),
        Task::Recognise { .. } => read_recognition(part).map(drop),
        Task::Import { .. } => read_import(part).map(drop),
        Task::Validate { .. } | Task::Merge { .. } => read_transformed(part, &decode(input)?).map(drop),
        Task::Export { .. } => decode(input).and_then(|_| read_export(part)).map(drop),
        _ => Ok(()),
    }
}

fn decode(input: &[u8]) -> Result<Batch, String> {
    Batch::decode(input).map_err(|error| format!("it took a batch that is broken: {error}"))
}
