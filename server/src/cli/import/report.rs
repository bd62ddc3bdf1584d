//! What came of an import, as tables.

use super::super::plugins::new_table;
use super::answers::{Dataset, Finding, Findings, JobReport, JobState};
use super::api::FINDINGS_SHOWN;
use comfy_table::Table;
use indicatif::BinaryBytes;

/// True when the import succeeded.
pub fn print(job: &JobReport) -> bool {
    let succeeded = job.state == JobState::Succeeded;
    match (&job.dataset, succeeded) {
        (Some(dataset), true) => println!("{}", counts(dataset)),
        _ => println!("{}", failure(job)),
    }
    if job.findings.total_count > 0 {
        println!("{}", findings(&job.findings));
    }
    if job.findings.total_count > FINDINGS_SHOWN {
        println!(
            "These are {FINDINGS_SHOWN} of {} findings; `findings` of {} has all.",
            job.findings.total_count, job.id
        );
    }
    succeeded
}

fn failure(job: &JobReport) -> String {
    let why = job.error.as_deref().unwrap_or("no reason is known");
    match job.state {
        JobState::Cancelled => "The import was cancelled.".to_owned(),
        _ => format!("The import failed: {why}"),
    }
}

fn counts(dataset: &Dataset) -> Table {
    let mut table = new_table(["Dataset", &dataset.name]);
    let formats: Vec<&str> = dataset.image_formats.iter().map(|format| format.id.as_str()).collect();
    table.add_row(["Id", &dataset.id]);
    table.add_row(["Images", &format!("{} ({})", dataset.image_count, formats.join(", "))]);
    table.add_row(["Studies", &dataset.study_count.to_string()]);
    table.add_row(["Size", &BinaryBytes(dataset.byte_size).to_string()]);
    for set in &dataset.annotation_sets.nodes {
        let text = format!(
            "{} ({}): {} annotations of {} labels on {} images",
            set.name,
            set.r#type.id,
            set.annotation_count,
            set.labels.len(),
            set.image_count
        );
        table.add_row(["Annotations", &text]);
    }
    table
}

fn findings(findings: &Findings) -> Table {
    let mut table = new_table(["Severity", "Code", "Where", "What"]);
    for finding in &findings.nodes {
        table.add_row([&finding.severity, &finding.code, &place(finding), &finding.message]);
    }
    table
}

fn place(finding: &Finding) -> String {
    match (&finding.path, finding.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.clone(),
        (None, Some(line)) => format!("line {line}"),
        (None, None) => String::new(),
    }
}
