//! Calls that a capability should answer: on samples, on pictures to write, on batches.

use super::bench::{Bench, Outcome};
use super::capability::Capability;
use super::samples::{Sample, encoding, first_part, slope};
use super::subject::Subject;
use crate::plugin_host::answers::read_import;
use crate::plugin_host::task::{Parcel, Task};
use lightbox_sdk::{AnnotationShape, AnnotationTypeDescriptor, Batch, ImageFormatDescriptor, ImageRef};
use std::sync::Arc;

/// Pixels on each side of the images of batches, whose real sizes nobody knows here.
const SIDE_PIXELS: u32 = 512;

/// One call.
pub struct Exercise {
    /// As a person would name it.
    pub what: String,
    pub task: Task,
    pub input: Arc<Parcel>,
}

/// Everything that this capability can be asked.
pub fn of(subject: &Subject, bench: &Bench, capability: &Capability) -> Vec<Exercise> {
    match capability {
        Capability::Image(descriptor) => of_format(subject, capability, descriptor),
        Capability::Annotations(descriptor) => {
            let samples = &subject.samples_of(capability).samples;
            let mut exercises: Vec<Exercise> =
                samples.iter().flat_map(|sample| of_document(bench, capability, descriptor, sample)).collect();
            exercises.extend(of_batch("a small batch", &batch(descriptor, 3, 5), descriptor));
            exercises
        }
    }
}

fn of_format(subject: &Subject, capability: &Capability, descriptor: &ImageFormatDescriptor) -> Vec<Exercise> {
    let mut exercises = Vec::new();
    for sample in &subject.samples_of(capability).samples {
        let mut tasks = capability.readings(&sample.name, "");
        tasks.extend([8, 16].map(|bits| Task::Convert { format: descriptor.id.clone(), frame: 0, bits }));
        exercises.extend(tasks.into_iter().map(|task| exercise(&sample.name, task, &sample.input)));
    }
    if descriptor.encodes {
        let task = encoding(&descriptor.id, 67, 45);
        exercises.push(exercise("a picture of 67 × 45 pixels", task, &slope(67, 45)));
    }
    exercises
}

fn of_document(
    bench: &Bench,
    capability: &Capability,
    descriptor: &AnnotationTypeDescriptor,
    Sample { name, format, input }: &Sample,
) -> Vec<Exercise> {
    let mut exercises = Vec::new();
    for task in capability.readings(name, format) {
        let is_import = matches!(task, Task::Import { .. });
        if is_import
            && let Outcome::Answered(answer) = bench.ask(&task, input)
            && let Some(Ok(imported)) = first_part(answer).map(|outcome| read_import(&outcome))
        {
            exercises.extend(of_batch(name, &with_sizes(imported.batch), descriptor));
        }
        exercises.push(exercise(name, task, input));
    }
    exercises
}

/// What can be asked of it.
pub fn of_batch(name: &str, batch: &Batch, descriptor: &AnnotationTypeDescriptor) -> Vec<Exercise> {
    let input = Arc::new(Parcel::new(batch.encode().into()));
    tasks_on_batches(descriptor).into_iter().map(|task| exercise(name, task, &input)).collect()
}

/// Every task that takes a batch.
pub fn tasks_on_batches(AnnotationTypeDescriptor { id, exports, .. }: &AnnotationTypeDescriptor) -> Vec<Task> {
    let mut tasks = vec![Task::Validate { annotation_type: id.clone() }, Task::Merge { annotation_type: id.clone() }];
    tasks.extend(exports.iter().map(|format| Task::Export { annotation_type: id.clone(), format: format.clone() }));
    tasks
}

/// A consistent batch of the type's shape. What the payload of a type of its own looks like only the type knows.
pub fn batch(descriptor: &AnnotationTypeDescriptor, images: u32, annotations_per_image: u32) -> Batch {
    let image = |index| ImageRef { path: format!("{index}.png"), width: SIDE_PIXELS, height: SIDE_PIXELS, line: 0 };
    let mut batch = Batch { labels: vec!["one".into(), "two".into()], ..Batch::default() };
    batch.images = (0..images).map(image).collect();
    for index in 0..images * annotations_per_image {
        batch.image.push(index % images);
        batch.label.push(index % 2);
        batch.line.push(0);
        batch.value.push(1);
        let place = f64::from(index % 400);
        match descriptor.shape {
            AnnotationShape::Classification => {}
            AnnotationShape::Box => batch.boxes.push([place, place, 10.0, 10.0]),
            AnnotationShape::Mask => {
                batch.boxes.push([place, place, 10.0, 10.0]);
                batch.push_payload(b"0");
            }
            AnnotationShape::Custom => batch.push_payload(b"{}"),
        }
    }
    batch
}

fn with_sizes(mut batch: Batch) -> Batch {
    for image in &mut batch.images {
        (image.width, image.height) = (SIDE_PIXELS, SIDE_PIXELS);
    }
    batch
}

fn exercise(name: &str, task: Task, input: &Arc<Parcel>) -> Exercise {
    Exercise { what: format!("{} of {name}", verb(&task)), task, input: input.clone() }
}

/// What a person calls the task.
pub fn verb(task: &Task) -> &'static str {
    match task {
        Task::Inspect { .. } => "inspection",
        Task::Elements { .. } => "data elements",
        Task::Convert { bits: 16, .. } => "16-bit conversion",
        Task::Convert { .. } => "8-bit conversion",
        Task::Encode { .. } => "encoding",
        Task::Recognise { .. } => "recognition",
        Task::Import { .. } => "import",
        Task::Validate { .. } => "validation",
        Task::Merge { .. } => "merging",
        Task::Export { .. } => "export",
        _ => "call",
    }
}
