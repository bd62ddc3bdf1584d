//! A million boxes for a dataset that is there, from label.csv and from COCO, beside Datumaro on the same COCO file.

use crate::clock;
use crate::support::{Client, Server, archives};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const NAME: &str = "boxes";

const BOXES: u32 = 1_000_000;
const IMAGES: u32 = 10_000;
const SIDE: u32 = 100;
const CLASSES: u32 = 20;

/// What one import took.
struct Cost {
    wall: Duration,
    /// `None` where the system cannot tell.
    cpu: Option<Duration>,
    /// The most memory that server and workers had; those of other imports before are among it.
    peak_bytes: Option<u64>,
}

pub fn measure() -> Value {
    let folder = TempDir::with_prefix("lightbox-bench-").unwrap();
    let coco = folder.path().join("annotations/instances_default.json");
    std::fs::create_dir_all(coco.parent().unwrap()).unwrap();
    std::fs::write(&coco, coco_document()).unwrap();
    println!("\n{BOXES} boxes for a dataset of {IMAGES} images that is there:");
    let by_csv = lightbox("label.csv", table().as_bytes());
    let by_coco = lightbox("instances_default.json", &std::fs::read(&coco).unwrap());
    let datumaro = datumaro(folder.path());
    let cpu_of = |of: &Value| of["cpu_ms"].as_f64();
    if let Some((peer, own)) = datumaro.as_ref().and_then(cpu_of).zip(cpu_of(&by_coco)) {
        println!("From COCO: {:.1} × the CPU time with Datumaro, which keeps the boxes in memory.", peer / own);
    }
    json!({ "boxes": BOXES, "images": IMAGES, "label.csv": by_csv, "coco": by_coco, "datumaro_coco": datumaro })
}

/// Of box `number`: image, class, place and size.
fn numbers(number: u32) -> (u32, u32, [f64; 4]) {
    let (image, x, y) = (number % IMAGES, number / IMAGES % 90, number / 7 % 90);
    let place = [f64::from(x) + 0.5, f64::from(y) + 0.25, f64::from(1 + number % 9), f64::from(1 + number % 8)];
    (image, number % CLASSES, place)
}

fn table() -> String {
    let mut rows = String::new();
    for number in 0..BOXES {
        let (image, class, [x, y, width, height]) = numbers(number);
        writeln!(rows, "images/{image:05}.png,class {class},{x},{y},{width},{height}").unwrap();
    }
    rows
}

fn coco_document() -> String {
    let mut text = String::from("{\"images\":[");
    for image in 0..IMAGES {
        let comma = if image > 0 { "," } else { "" };
        write!(
            text,
            "{comma}{{\"id\":{image},\"file_name\":\"images/{image:05}.png\",\"width\":{SIDE},\"height\":{SIDE}}}"
        )
        .unwrap();
    }
    text.push_str("],\"annotations\":[");
    for number in 0..BOXES {
        let (image, class, [x, y, width, height]) = numbers(number);
        let (comma, area) = (if number > 0 { "," } else { "" }, width * height);
        write!(
            text,
            "{comma}{{\"id\":{},\"image_id\":{image},\"category_id\":{},\"bbox\":[{x},{y},{width},{height}],\"area\":{area},\
             \"iscrowd\":0}}",
            number + 1,
            class + 1
        )
        .unwrap();
    }
    text.push_str("],\"categories\":[");
    for class in 0..CLASSES {
        let comma = if class > 0 { "," } else { "" };
        write!(text, "{comma}{{\"id\":{},\"name\":\"class {class}\"}}", class + 1).unwrap();
    }
    text.push_str("]}");
    text
}

/// A server of its own, so that its peak is that of this import.
fn lightbox(name: &str, document: &[u8]) -> Value {
    let server = Server::start();
    let client = server.admin();
    let images: Vec<(String, Vec<u8>)> =
        (0..IMAGES).map(|image| (format!("images/{image:05}.png"), archives::png(SIDE, SIDE, image))).collect();
    let dataset = client.dataset("plain", &archives::zip(&images));
    drop(images);
    let upload = client.upload(name, document);
    let cost = timed(&server, || import(&client, &dataset, &upload));
    let set = client.annotation_sets(&dataset).remove(0);
    assert_eq!((&set["imageCount"], &set["annotationCount"]), (&json!(IMAGES), &json!(BOXES)));
    println!(
        "Lightbox, {name} of {:.0} MB: {:.1} s, CPU of server and workers {}, peak memory of all of them {}",
        document.len() as f64 / 1e6,
        cost.wall.as_secs_f64(),
        cost.cpu
            .map_or_else(|| "SKIPPED: no clock of another process here".to_owned(), |cpu| seconds(cpu.as_secs_f64())),
        cost.peak_bytes.map_or_else(|| "SKIPPED: the system does not tell".to_owned(), |peak| mebibytes(peak as f64)),
    );
    json!({
        "size_bytes": document.len(),
        "wall_ms": cost.wall.as_secs_f64() * 1e3,
        "cpu_ms": cost.cpu.map(|cpu| cpu.as_secs_f64() * 1e3),
        "peak_bytes": cost.peak_bytes,
    })
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.1} s")
}

fn mebibytes(bytes: f64) -> String {
    format!("{:.0} MiB", bytes / f64::from(1 << 20))
}

fn timed(server: &Server, work: impl FnOnce()) -> Cost {
    let id = server.process_id();
    let (start, before) = (Instant::now(), clock::of_process_and_its_children(id));
    work();
    let wall = start.elapsed();
    let cpu = clock::of_process_and_its_children(id).zip(before).map(|(after, before)| after - before);
    Cost { wall, cpu, peak_bytes: clock::peak_bytes_of_process_and_its_children(id) }
}

fn import(client: &Client, dataset: &str, upload: &str) {
    let input = json!({ "dataset": dataset, "upload": upload });
    let job = client.mutate("importAnnotationSet", input, "job { id }")["job"]["id"].take();
    let job = client.wait_for(job.as_str().unwrap());
    assert_eq!(job["state"], "SUCCEEDED", "{job}");
}

/// `None` after saying why it cannot be measured here.
fn datumaro(folder: &Path) -> Option<Value> {
    let python = std::env::var("LIGHTBOX_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/bench/datumaro_boxes.py");
    let has_it = Command::new(&python).args(["-c", "import datumaro"]).output();
    if !has_it.is_ok_and(|output| output.status.success()) {
        println!("Datumaro: SKIPPED: {python} has no datumaro; set LIGHTBOX_PYTHON to one that has");
        return None;
    }
    let output = Command::new(&python).arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let result: Value = serde_json::from_str(printed.trim_end().lines().next_back().unwrap()).unwrap();
    assert_eq!(result["boxes"], BOXES);
    let number = |key: &str| result[key].as_f64().unwrap_or_default();
    println!(
        "Datumaro {}, the same COCO file: {}, CPU {}, peak memory {}",
        result["version"].as_str().unwrap_or_default(),
        seconds(number("wall_ms") / 1e3),
        seconds(number("cpu_ms") / 1e3),
        mebibytes(number("peak_bytes")),
    );
    Some(result)
}
