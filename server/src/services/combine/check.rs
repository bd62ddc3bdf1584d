//! What of a request to combine can be put right: every mistake is named, not just the first.

use super::request::{CombineInput, CombineRequest, InputSource, RequestedRename, RequestedSource};
use crate::db;
use crate::domain::access::Viewer;
use crate::domain::combine::LabelRename;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::ids::{AnnotationSetId, DatasetId};
use crate::domain::names::{name_key, require_name};
use crate::domain::user_error::{UserError, UserErrorCode};
use crate::services::{ServiceResult, Services, annotation_sets, datasets};

/// The checked input with the new dataset's name, and every mistake found.
pub struct Checked {
    pub name: String,
    pub input: CombineInput,
    pub errors: Vec<UserError>,
}

/// Most sources and most renames of one combination.
const MAX_SOURCES: usize = 100;
const MAX_RENAMES: usize = 10_000;

pub async fn check(services: &Services, viewer: &Viewer, request: &CombineRequest) -> ServiceResult<Checked> {
    for (field, count, limit) in
        [("sources", request.sources.len(), MAX_SOURCES), ("labelMap", request.label_map.len(), MAX_RENAMES)]
    {
        if count > limit {
            let message = format!("`{field}` has {count} entries; at most {limit} are allowed.");
            return Err(UserError::new(UserErrorCode::Invalid, &["input", field], message).into());
        }
    }
    let mut errors = Vec::new();
    let name = check_name(services, viewer, &request.name, &mut errors).await?;
    let annotation_type = check_annotation_type(services, request, &mut errors);
    let mut sources: Vec<InputSource> = Vec::new();
    for (index, requested) in request.sources.iter().enumerate() {
        match check_source(services, viewer, requested, index, annotation_type.as_deref()).await? {
            Ok(source) if sources.iter().any(|other| other.dataset == source.dataset) => {
                let message = "This dataset is a source already: name each dataset once.";
                errors.push(source_error(UserErrorCode::DuplicateSource, index, "dataset", message));
            }
            Ok(source) => sources.push(source),
            Err(error) => errors.push(error),
        }
    }
    if request.sources.len() < 2 {
        let message = format!("{} sources are given; combining takes two or more.", request.sources.len());
        errors.push(UserError::new(UserErrorCode::TooFewSources, &["input", "sources"], message));
    }
    if !matches!(request.png_bits_per_sample, 8 | 16) {
        let message = format!("`pngBitsPerSample` is {}; 8 and 16 are allowed.", request.png_bits_per_sample);
        errors.push(UserError::new(UserErrorCode::Invalid, &["input", "pngBitsPerSample"], message));
    }
    let annotation_set_name = check_set_name(request, annotation_type.is_some(), &mut errors);
    let label_map = check_label_map(services, request, &sources, &mut errors).await?;
    let input = CombineInput {
        sources,
        annotation_type,
        annotation_set_name,
        label_map,
        duplicates: request.duplicates,
        png_bits_per_sample: if request.png_bits_per_sample == 16 { 16 } else { 8 },
        expected_digest: request.expected_digest.clone(),
    };
    Ok(Checked { name, input, errors })
}

async fn check_name(
    services: &Services,
    viewer: &Viewer,
    name: &str,
    errors: &mut Vec<UserError>,
) -> ServiceResult<String> {
    let path = ["input", "name"];
    match require_name(name, &path) {
        Err(error) => {
            errors.push(error);
            Ok(name.to_owned())
        }
        Ok(name) => {
            let taken = db::datasets::list_reserved_names(services.db.read(), viewer.id, &name).await?;
            if taken.contains(&name_key(&name)) {
                let message = format!("You have a dataset named {name:?} already: choose another name.");
                errors.push(UserError::new(UserErrorCode::NameTaken, &path, message));
            }
            Ok(name)
        }
    }
}

fn check_annotation_type(services: &Services, request: &CombineRequest, errors: &mut Vec<UserError>) -> Option<String> {
    let id = request.annotation_type.as_deref()?;
    let catalog = services.plugins.catalog();
    if catalog.find_annotation_type(id).is_none() {
        let known: Vec<&str> = catalog.annotation_types().map(|(each, _)| each.id.as_str()).collect();
        let message = format!("There is no annotation type {id:?}; there are {}.", known.join(", "));
        errors.push(UserError::new(UserErrorCode::NotFound, &["input", "annotationType"], message));
    }
    Some(id.to_owned())
}

fn check_set_name(request: &CombineRequest, is_needed: bool, errors: &mut Vec<UserError>) -> Option<String> {
    let path = ["input", "annotationSetName"];
    match (&request.annotation_set_name, is_needed) {
        (Some(name), true) => require_name(name, &path).map_err(|error| errors.push(error)).ok(),
        (None, true) => {
            let message = "With `annotationType`, give the new annotation set a name.";
            errors.push(UserError::new(UserErrorCode::Invalid, &path, message));
            None
        }
        (_, false) => None,
    }
}

fn source_error(code: UserErrorCode, index: usize, field: &str, message: impl Into<String>) -> UserError {
    UserError::new(code, &["input", "sources", &index.to_string(), field], message)
}

async fn check_source(
    services: &Services,
    viewer: &Viewer,
    requested: &RequestedSource,
    index: usize,
    annotation_type: Option<&str>,
) -> ServiceResult<Result<InputSource, UserError>> {
    let found = match DatasetId::parse(&requested.dataset) {
        Some(id) => datasets::find(services, viewer, id).await?,
        None => None,
    };
    let Some(dataset) = found else {
        let message = "There is no such dataset, or you may not see it.";
        return Ok(Err(source_error(UserErrorCode::NotFound, index, "dataset", message)));
    };
    if dataset.status != DatasetStatus::Available {
        let message = format!("{:?} is {}; only available datasets combine.", dataset.name, dataset.status.as_str());
        return Ok(Err(source_error(UserErrorCode::NotAvailable, index, "dataset", message)));
    }
    let annotation_set = match &requested.annotation_set {
        None => None,
        Some(id) => match check_set(services, viewer, id, &dataset, index, annotation_type).await? {
            Ok(set) => Some(set),
            Err(error) => return Ok(Err(error)),
        },
    };
    Ok(Ok(InputSource { dataset: dataset.id, annotation_set }))
}

async fn check_set(
    services: &Services,
    viewer: &Viewer,
    id: &str,
    dataset: &Dataset,
    index: usize,
    annotation_type: Option<&str>,
) -> ServiceResult<Result<AnnotationSetId, UserError>> {
    let refuse = |code, message: String| Ok(Err(source_error(code, index, "annotationSet", message)));
    let found = match AnnotationSetId::parse(id) {
        Some(id) => annotation_sets::find(services, viewer, id).await?,
        None => None,
    };
    let Some(set) = found else {
        let message = "There is no such annotation set, or you may not see it.";
        return refuse(UserErrorCode::NotFound, message.to_owned());
    };
    if set.dataset_id != dataset.id {
        let message = format!("{:?} is not an annotation set of {:?}.", set.name, dataset.name);
        return refuse(UserErrorCode::AnnotationSetNotInDataset, message);
    }
    match annotation_type {
        Some(wanted) if set.annotation_type == wanted => Ok(Ok(set.id)),
        Some(wanted) => {
            let message = format!("{:?} is of type {}, not {wanted}.", set.name, set.annotation_type);
            refuse(UserErrorCode::AnnotationTypeMismatch, message)
        }
        None => {
            let message = "An annotation set is given, but no `annotationType`: give both, or neither for images only.";
            refuse(UserErrorCode::Invalid, message.to_owned())
        }
    }
}

async fn check_label_map(
    services: &Services,
    request: &CombineRequest,
    sources: &[InputSource],
    errors: &mut Vec<UserError>,
) -> ServiceResult<Vec<LabelRename>> {
    let sets: Vec<AnnotationSetId> = sources.iter().filter_map(|source| source.annotation_set).collect();
    let labels = annotation_sets::labels_of(services, &sets).await?;
    let mut renames = Vec::new();
    for (index, requested) in request.label_map.iter().enumerate() {
        let refuse = |field: &str, message: String| {
            UserError::new(UserErrorCode::Invalid, &["input", "labelMap", &index.to_string(), field], message)
        };
        let set = match find_mapped_set(requested, &sets) {
            Ok(set) => set,
            Err(message) => {
                errors.push(refuse("annotationSet", message));
                continue;
            }
        };
        let applies = |id| set.is_none_or(|set| set == id);
        if !labels.iter().any(|label| label.name == requested.from && applies(label.annotation_set_id)) {
            errors.push(refuse("from", format!("No source has a label {:?}: use its exact name.", requested.from)));
        }
        match require_name(&requested.to, &["input", "labelMap", &index.to_string(), "to"]) {
            Ok(to) => renames.push(LabelRename { annotation_set: set, from: requested.from.clone(), to }),
            Err(error) => errors.push(error),
        }
    }
    Ok(renames)
}

fn find_mapped_set(requested: &RequestedRename, sets: &[AnnotationSetId]) -> Result<Option<AnnotationSetId>, String> {
    let Some(id) = &requested.annotation_set else { return Ok(None) };
    match AnnotationSetId::parse(id).filter(|id| sets.contains(id)) {
        Some(id) => Ok(Some(id)),
        None => Err("This annotation set is not one of the sources': leave it out, or name one of theirs.".to_owned()),
    }
}
