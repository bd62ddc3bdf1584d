//! `/jobs/{job}/findings.csv`: all findings of a job as a table, sent as it is read.

use super::conditional::tag_of;
use super::failure::Failure;
use super::responses::{Caching, attachment, not_modified, tagged};
use super::signed_in::SignedIn;
use super::state::HttpState;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::services::findings::{self, Part};
use crate::services::{ServiceResult, Services, jobs};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream::{self, Stream};

pub async fn show(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let missing = || Failure::not_found("job");
    let id = JobId::parse(&id).ok_or_else(missing)?;
    let job = jobs::find(&state.services, &viewer, id).await?.ok_or_else(missing)?;
    // Written once, when the job ends.
    let tag = tag_of(&[b"findings", id.to_string().as_bytes(), job.state.as_str().as_bytes()]);
    if let Some(response) = not_modified(&request, &tag, Caching::Revalidate) {
        return Ok(response);
    }
    let first = findings::first_part(&state.services, &job).await?;
    let mut response = tagged(StatusCode::OK, &tag, Caching::Revalidate);
    response.content_type("text/csv; charset=utf-8").insert_header(attachment(&format!("{id}-findings.csv")));
    Ok(response.streaming(parts(state.services.clone(), job, first)))
}

fn parts(services: Services, job: Job, first: Part) -> impl Stream<Item = ServiceResult<Bytes>> {
    let begin = (services, job, Some(Ok(first)));
    stream::unfold(begin, |(services, job, part)| async move {
        match part? {
            Err(error) => Some((Err(error), (services, job, None))),
            Ok(Part { csv, next }) => {
                let following = match next {
                    Some(after) => Some(findings::part(&services, &job, after).await),
                    None => None,
                };
                Some((Ok(Bytes::from(csv)), (services, job, following)))
            }
        }
    })
}
