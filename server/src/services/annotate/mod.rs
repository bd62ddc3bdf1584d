//! `annotateImages`: what a call says is checked by the type's plugin as a whole, then written in one transaction.

mod request;
mod write;

pub use request::RequestedImage;

use super::events::ChangeKind;
use super::{ServiceError, ServiceResult, Services, annotation_sets, compute, datasets};
use crate::domain::access::Viewer;
use crate::domain::annotation::split_by_image;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::findings::{Finding, Severity};
use crate::domain::ids::AnnotationSetId;
use crate::domain::user_error::{UserError, UserErrorCode};
use lightbox_sdk::Validated;
use request::Asked;
use tokio::runtime::Handle;
use write::{NewAnnotations, write};

/// The set with its new counts, and what was repaired.
pub struct Annotated {
    pub set: AnnotationSet,
    pub findings: Vec<Finding>,
}

/// Replaces the annotations that the set has for each image named; labels that it does not have yet are added to it.
///
/// # Errors
/// `NOT_FOUND` for the set or an image, `FORBIDDEN` without the role EDITOR, `INVALID` with the place of each annotation that is wrong, `NOT_AVAILABLE` when
/// the set's type is not loaded. Nothing is written then.
pub async fn annotate(
    services: &Services,
    viewer: &Viewer,
    set: &str,
    images: Vec<RequestedImage>,
) -> ServiceResult<Annotated> {
    let (set, dataset) = annotation_sets::require_editable(services, viewer, set).await?;
    let mut asked = request::read(services, &set, images).await?;
    let batch = std::mem::take(&mut asked.batch);
    let Validated { batch, findings } = services.plugins.validate(&set.annotation_type, batch).await?;
    let findings = accepted(findings, &asked)?;
    let new = NewAnnotations { annotations: split_by_image(&batch), labels: batch.labels, images: asked.images };
    let (given, id, runtime) = (services.clone(), set.id, Handle::current());
    let (by, of) = (viewer.clone(), dataset.clone());
    let changed = compute(move || runtime.block_on(write(&given, &by, &of, id, new))).await??;
    if changed {
        datasets::tell(services, ChangeKind::Updated, &dataset).await;
    }
    let set = require_still(services, viewer, id).await?;
    Ok(Annotated { set, findings })
}

async fn require_still(services: &Services, viewer: &Viewer, id: AnnotationSetId) -> ServiceResult<AnnotationSet> {
    let set = annotation_sets::find(services, viewer, id).await?;
    set.ok_or_else(|| ServiceError::not_found("annotation set", &["input", "annotationSet"]))
}

/// What the type repaired; one annotation that it refuses refuses them all, so that a client never has to find out what
/// of its call was written.
fn accepted(findings: Vec<Finding>, asked: &Asked) -> ServiceResult<Vec<Finding>> {
    let refused: Vec<UserError> =
        findings.iter().filter(|each| each.severity == Severity::Error).map(|each| asked.user_error(each)).collect();
    if refused.is_empty() { Ok(findings) } else { Err(ServiceError::User(refused)) }
}

/// At most so many annotations of one call.
pub const MAX_ANNOTATIONS: usize = 50_000;

fn invalid(path: &[&str], message: impl Into<String>) -> UserError {
    UserError::new(UserErrorCode::Invalid, path, message)
}
