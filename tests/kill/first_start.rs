//! A server that is killed while it starts for the first time, when nothing is there yet.

use crate::settings;
use crate::support::Server;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tempfile::TempDir;

#[test]
fn a_first_start_that_is_cut_off_anywhere_is_made_good_by_the_next() {
    let seed = settings::seed();
    println!("LIGHTBOX_KILL_SEED={seed} (first start)");
    let mut random = StdRng::seed_from_u64(seed);
    let mut usual = Duration::from_millis(700);
    let folders = 3 + settings::kills() / 8;
    for number in 0..folders {
        let folder = TempDir::with_prefix("lightbox-test-").unwrap();
        let kills = random.random_range(1..4);
        let moments: Vec<f64> = (0..kills).map(|_| random.random()).collect();
        moments.iter().for_each(|moment| Server::kill_in_folder(folder.path(), &[], usual.mul_f64(*moment)));
        let began = Instant::now();
        let mut server = Server::in_folder(folder, &[]);
        usual = (usual + began.elapsed()) / 2;
        let viewer = server.admin().data("{ viewer { isAdmin } }", Value::Null);
        assert_eq!(viewer["viewer"], json!({ "isAdmin": true }), "folder {number}, killed after {moments:?}");
        server.end_and_check();
    }
    println!("{folders} first starts were cut off, and made good");
}
