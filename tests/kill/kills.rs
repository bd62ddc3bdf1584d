//! The run itself: users at work, a server that is killed under them again and again, and what they find afterwards.

use crate::board::{AIMS, Board};
use crate::disk::{self, Needed};
use crate::settings;
use crate::support::Server;
use crate::workers;
use crate::world::World;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

const USERS: usize = 3;
/// How long a kill waits for what it is aimed at.
const AIM: Duration = Duration::from_millis(1500);
/// `lightbox check` looks at everything after every so many kills, and at the end.
const CHECK_EVERY: u64 = 4;

struct Run {
    server: Server,
    worlds: Vec<World>,
    board: Arc<Board>,
    random: StdRng,
    kills: u64,
    wanted: u64,
    usual_start: Duration,
    exports_left: BTreeSet<String>,
}

#[test]
fn a_server_killed_anywhere_keeps_what_it_acknowledged_and_shows_nothing_half_made() {
    let (seed, wanted) = (settings::seed(), settings::kills());
    println!("LIGHTBOX_KILL_SEED={seed} LIGHTBOX_KILLS={wanted}");
    let started = Instant::now();
    let mut run = Run::begin(seed, wanted);
    while run.kills < run.wanted {
        run.work_until_killed();
        run.come_back();
        run.find_everything();
        println!("{} of {} kills, {} s", run.kills, run.wanted, started.elapsed().as_secs());
    }
    run.check();
    let took = started.elapsed().as_secs();
    println!("{} kills of the server in {took} s, seed {seed}\n{}\nlosses: 0", run.kills, run.board.figures());
}

impl Run {
    fn begin(seed: u64, wanted: u64) -> Self {
        let server = Server::with_settings(&[("LIGHTBOX_LOG__FILTER", "lightbox=info,warn"), settings::COST]);
        let board = Arc::new(Board::default());
        let world = |number: usize| {
            let name = format!("user {number}");
            let token = server.create_user(&name);
            World::new(&name, token, seed.wrapping_add(number as u64 + 1), board.clone())
        };
        let worlds = (0..USERS).map(world).collect();
        let random = StdRng::seed_from_u64(seed);
        let usual_start = Duration::from_millis(500);
        Self { server, worlds, board, random, kills: 0, wanted, usual_start, exports_left: BTreeSet::new() }
    }

    /// The kill comes at any moment of what it is aimed at; workers of plugins may be killed before.
    fn work_until_killed(&mut self) {
        let aim = *AIMS.choose(&mut self.random).expect("there are aims");
        let (moment, warm_up) = (self.random.random::<f64>(), self.random.random_range(0..400));
        let worker_kills: Vec<u64> = match self.random.random_bool(0.4) {
            true => (0..self.random.random_range(1..4)).map(|_| self.random.random_range(0..500)).collect(),
            false => Vec::new(),
        };
        let (address, process) = (self.server.address().to_owned(), self.server.process_id());
        let (board, server, random) = (self.board.clone(), &mut self.server, &mut self.random);
        let (before, workers) = std::thread::scope(|scope| {
            for world in &mut self.worlds {
                let wire = world.wire(&address);
                scope.spawn(move || world.work(&wire));
            }
            std::thread::sleep(Duration::from_millis(warm_up));
            for wait in worker_kills {
                std::thread::sleep(Duration::from_millis(wait));
                if let Some(worker) = workers::of(process).choose(random) {
                    workers::kill(*worker);
                    board.count_worker_kill();
                }
            }
            let usual = board.wait_for(aim, AIM);
            std::thread::sleep(usual.mul_f64(moment));
            let workers = workers::of(process);
            board.count_kill();
            server.kill();
            board.stop();
            (process, workers)
        });
        self.kills += 1;
        assert!(!workers.contains(&(before as i32)));
        workers::assert_gone(&workers);
        self.board.clear();
        for world in &mut self.worlds {
            world.note(format!("--- kill {} at {aim:?}", self.kills));
        }
    }

    /// Starts again; often it is killed while it starts, or while it takes up its jobs.
    fn come_back(&mut self) {
        while self.kills < self.wanted && self.random.random_bool(0.3) {
            let after = self.usual_start.mul_f64(self.random.random::<f64>() * 1.1);
            self.server.start_and_kill(after);
            self.count(&format!("(start, after {} tenths of it)", tenths(after, self.usual_start)));
        }
        self.start();
        while self.kills < self.wanted && self.random.random_bool(0.25) {
            std::thread::sleep(Duration::from_millis(self.random.random_range(0..500)));
            let workers = workers::of(self.server.process_id());
            self.server.kill();
            workers::assert_gone(&workers);
            self.count("(recovery)");
            self.start();
        }
    }

    fn count(&mut self, phase: &str) {
        self.kills += 1;
        self.board.count_kill_of(phase);
        for world in &mut self.worlds {
            world.note(format!("--- kill {} at {phase}", self.kills));
        }
    }

    fn start(&mut self) {
        let began = Instant::now();
        self.server.start_again();
        self.usual_start = (self.usual_start + began.elapsed()) / 2;
    }

    fn find_everything(&mut self) {
        let address = self.server.address().to_owned();
        std::thread::scope(|scope| {
            for world in &mut self.worlds {
                let wire = world.wire(&address);
                scope.spawn(move || {
                    if world.find_everything(&wire).is_err() {
                        world.lose("the server went away while nobody killed it");
                    }
                });
            }
        });
        let needed = Needed {
            files: self.worlds.iter().flat_map(World::needed_files).collect(),
            uploads: self.worlds.iter().flat_map(|world| world.model.uploads.keys().cloned()).collect(),
            lost_uploads: self.worlds.iter().map(|world| world.model.lost_uploads).sum(),
            exports: self.worlds.iter().flat_map(|world| world.model.exports.keys().cloned()).collect(),
        };
        self.exports_left = disk::check(&self.server.data_dir(), &needed, &self.exports_left);
        if self.kills.is_multiple_of(CHECK_EVERY) {
            self.check();
            self.start();
        }
    }

    fn check(&mut self) {
        self.server.end_and_check();
    }
}

fn tenths(part: Duration, whole: Duration) -> u128 {
    part.as_millis() * 10 / whole.as_millis().max(1)
}
