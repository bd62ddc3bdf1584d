//! Plugins that crash, hang, hog or attack, in worker processes: their call ends with the right error, the next call
//! works, and nothing outside the worker is reached. What only breaks the contract is in `calls`.

use crate::libraries::Plugins;
use bytes::Bytes;
use futures_util::future::join_all;
use lightbox::plugin_host::{Isolation, PluginError, PluginErrorKind, PluginHost, PluginHostSettings};
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

const HOSTILE: &str = "tests/fixtures/plugins/hostile/hostile.c";
const UNLOADABLE: &str = "tests/fixtures/plugins/hostile/unloadable.c";
const MEMORY_BYTES: u64 = 256 << 20;
/// Of the tests in which time runs out; the others have the time that a server gives.
const SHORT_MS: u64 = 500;

struct Hostile {
    plugins: Plugins,
    host: PluginHost,
}

impl Hostile {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut PluginHostSettings)) -> Self {
        let plugins = with_hostile(Plugins::none().with_raster());
        let mut settings = in_workers(&plugins);
        change(&mut settings);
        let host = PluginHost::load(settings);
        assert_eq!(host.catalog().refusals(), []);
        Self { plugins, host }
    }

    /// What becomes of a file of this text: its pixels as PNG.
    async fn convert(&self, text: &str) -> Result<Bytes, PluginError> {
        self.host.convert("hostile", self.plugins.file(text.as_bytes()), 0, 8).await
    }

    async fn fail(&self, behaviour: &str) -> PluginError {
        let error = self.convert(&format!("hostile {behaviour}")).await.unwrap_err();
        assert_eq!(error.plugin, "test.hostile", "{behaviour}: {error}");
        error
    }

    async fn png_of(&self, gray: u8) -> Bytes {
        self.host.encode_png(4, 3, vec![gray; 12]).await.unwrap()
    }

    async fn assert_works(&self) {
        assert_eq!(self.convert("GOOD").await.unwrap(), self.png_of(7).await);
    }
}

fn with_hostile(plugins: Plugins) -> Plugins {
    plugins.with_source(HOSTILE, "hostile", &[])
}

fn in_workers(plugins: &Plugins) -> PluginHostSettings {
    PluginHostSettings {
        isolation: Isolation::Workers,
        worker_executable: Some(PathBuf::from(env!("CARGO_BIN_EXE_lightbox"))),
        memory_limit_bytes: MEMORY_BYTES,
        parallel_calls: 1,
        ..plugins.settings()
    }
}

/// The call fails in this way, with these words in its sentence, and the next call works.
async fn fails(hostile: Hostile, behaviour: &str, kind: PluginErrorKind, words: &str) {
    hostile.assert_works().await;
    let error = hostile.fail(behaviour).await;
    assert_eq!(error.kind, kind, "{behaviour}: {error}");
    assert!(error.message.contains(words), "{behaviour}: {error}");
    hostile.assert_works().await;
}

async fn crashes(behaviour: &str, words: &str) {
    fails(Hostile::new(), behaviour, PluginErrorKind::Crashed, words).await;
}

async fn times_out(behaviour: &str) {
    let hostile = Hostile::with(|settings| settings.call_timeout_ms = SHORT_MS);
    fails(hostile, behaviour, PluginErrorKind::TimedOut, "500 ms").await;
}

async fn breaks_the_protocol(behaviour: &str) {
    fails(Hostile::new(), behaviour, PluginErrorKind::Protocol, "").await;
}

#[tokio::test]
async fn a_plugin_that_writes_to_address_zero_fails_its_call_and_the_next_call_works() {
    crashes("null write", "SIGSEGV").await;
}

#[tokio::test]
async fn a_plugin_that_writes_anywhere_fails_its_call_and_the_next_call_works() {
    crashes("wild write", "SIGSEGV").await;
}

#[tokio::test]
async fn a_plugin_that_runs_into_a_trap_fails_its_call_and_the_next_call_works() {
    crashes("trap", "SIG").await;
}

#[tokio::test]
async fn a_plugin_that_aborts_fails_its_call_and_the_next_call_works() {
    crashes("abort", "SIGABRT").await;
}

#[tokio::test]
async fn a_plugin_that_exits_fails_its_call_and_the_next_call_works() {
    crashes("exit", "").await;
    crashes("silent exit", "").await;
}

#[tokio::test]
async fn a_plugin_that_kills_itself_fails_its_call_and_the_next_call_works() {
    crashes("signal to itself", "SIGKILL").await;
}

#[tokio::test]
async fn a_plugin_that_overflows_its_stack_fails_its_call_and_the_next_call_works() {
    crashes("stack overflow", "SIG").await;
}

#[tokio::test]
async fn a_plugin_that_writes_past_its_picture_fails_its_call_and_the_next_call_works() {
    crashes("overrun", "SIGSEGV").await;
}

#[tokio::test]
async fn a_plugin_that_crashes_before_it_decodes_fails_its_call_and_the_next_call_works() {
    crashes("null write @ open", "SIGSEGV").await;
    crashes("null write @ metadata", "SIGSEGV").await;
}

#[tokio::test]
async fn a_plugin_that_crashes_while_it_closes_a_file_harms_no_other_call() {
    let hostile = Hostile::with(|settings| settings.call_timeout_ms = SHORT_MS);
    for behaviour in ["null write", "exit", "spin", "close all"] {
        // Whether the picture was already given is the plugin host's matter.
        let _ = hostile.convert(&format!("hostile {behaviour} @ close")).await;
        hostile.assert_works().await;
    }
}

#[tokio::test]
async fn a_file_whose_probe_crashes_is_recognised_by_nobody_and_the_next_one_is() {
    let hostile = Hostile::with(|settings| settings.call_timeout_ms = SHORT_MS);
    for behaviour in ["null write", "exit", "spin"] {
        let head = format!("hostile {behaviour} @ probe");
        let error = hostile.host.recognise_image(head.as_bytes(), head.len() as u64, "a.hostile").unwrap_err();
        assert_eq!(error.plugin, "test.hostile", "{head}: {error}");
        assert_eq!(hostile.host.recognise_image(b"GOOD", 4, "a.hostile").unwrap().as_deref(), Some("hostile"));
    }
}

#[tokio::test]
async fn a_plugin_that_computes_for_ever_is_stopped_and_the_next_call_works() {
    times_out("spin").await;
}

#[tokio::test]
async fn a_plugin_that_sleeps_for_ever_is_stopped_and_the_next_call_works() {
    times_out("sleep").await;
}

#[tokio::test]
async fn a_plugin_that_heeds_the_deadline_says_so_and_the_next_call_works() {
    times_out("spin until cancelled").await;
}

#[tokio::test]
async fn a_file_that_promises_four_billion_frames_ends_at_the_deadline() {
    let hostile = Hostile::with(|settings| settings.call_timeout_ms = SHORT_MS);
    let file = hostile.plugins.file(b"hostile frames without end");
    let error = hostile.host.inspect("hostile", file, 64, &CancellationToken::new()).await.unwrap_err();
    assert_eq!(error.kind, PluginErrorKind::TimedOut, "{error}");
    hostile.assert_works().await;
}

#[tokio::test]
async fn a_call_that_is_cancelled_ends_even_if_the_plugin_does_not_heed_it() {
    let hostile = Hostile::new();
    for behaviour in ["spin", "sleep", "spin until cancelled"] {
        let (cancel, file) =
            (CancellationToken::new(), hostile.plugins.file(format!("hostile {behaviour}").as_bytes()));
        let cancelled = async {
            tokio::task::yield_now().await;
            cancel.cancel();
        };
        let (outcome, ()) = tokio::join!(hostile.host.inspect("hostile", file, 64, &cancel), cancelled);
        assert_eq!(outcome.unwrap_err().kind, PluginErrorKind::Cancelled, "{behaviour}");
        hostile.assert_works().await;
    }
}

#[tokio::test]
async fn a_hanging_call_that_nobody_waits_for_any_more_gives_its_place_to_the_next() {
    let hostile = Hostile::new();
    {
        let mut hanging = std::pin::pin!(hostile.convert("hostile spin"));
        assert!(futures_util::poll!(&mut hanging).is_pending());
    }
    hostile.assert_works().await;
}

#[tokio::test]
async fn calls_wait_for_a_place_that_a_hanging_plugin_holds() {
    let hostile = Hostile::with(|settings| settings.call_timeout_ms = SHORT_MS);
    let (hanging, waiting) = tokio::join!(hostile.convert("hostile spin"), hostile.convert("GOOD"));
    assert_eq!(hanging.unwrap_err().kind, PluginErrorKind::TimedOut);
    assert_eq!(waiting.unwrap(), hostile.png_of(7).await);
}

#[tokio::test]
async fn good_files_are_read_while_bad_ones_crash_beside_them() {
    let hostile = Hostile::with(|settings| settings.parallel_calls = 4);
    let texts = ["GOOD", "hostile null write", "GOOD", "hostile exit", "GOOD", "hostile garbage", "GOOD", "GOOD"];
    let outcomes = join_all(texts.iter().map(|text| hostile.convert(text))).await;
    let expected = hostile.png_of(7).await;
    for (text, outcome) in texts.iter().zip(outcomes) {
        assert_eq!(outcome.ok().as_ref(), (*text == "GOOD").then_some(&expected), "{text}");
    }
}

#[tokio::test]
async fn a_plugin_that_keeps_crashing_is_suspended_and_the_other_plugins_go_on() {
    let hostile = Hostile::new();
    let mut kinds = Vec::new();
    while !kinds.contains(&PluginErrorKind::Suspended) {
        kinds.push(hostile.convert("hostile null write").await.unwrap_err().kind);
        assert!(kinds.len() <= 100, "never suspended: {kinds:?}");
    }
    let (_, before) = kinds.split_last().unwrap();
    assert!(!before.is_empty() && before.iter().all(|kind| *kind == PluginErrorKind::Crashed), "{kinds:?}");
    assert_eq!(hostile.convert("GOOD").await.unwrap_err().kind, PluginErrorKind::Suspended);
    hostile.png_of(1).await;
}

#[tokio::test]
async fn errors_that_a_plugin_reports_suspend_nothing() {
    let hostile = Hostile::new();
    for _ in 0..200 {
        assert_eq!(hostile.convert("neither").await.unwrap_err().kind, PluginErrorKind::Corrupt);
    }
    hostile.assert_works().await;
}

#[tokio::test]
async fn a_plugin_that_takes_all_memory_and_aborts_fails_for_its_memory_and_the_next_call_works() {
    fails(Hostile::new(), "memory, then abort", PluginErrorKind::Memory, "268435456").await;
}

#[tokio::test]
async fn a_plugin_that_takes_all_memory_and_crashes_fails_for_its_memory_and_the_next_call_works() {
    fails(Hostile::new(), "memory, then null write", PluginErrorKind::Memory, "268435456").await;
}

#[tokio::test]
async fn a_plugin_that_gives_back_what_was_too_much_works_on() {
    let hostile = Hostile::new();
    let expected = hostile.png_of(7).await;
    assert_eq!(hostile.convert("hostile memory, then give it back").await.unwrap(), expected);
    hostile.assert_works().await;
}

#[tokio::test]
async fn a_decoder_may_work_in_32_threads() {
    let hostile = Hostile::new();
    assert_eq!(hostile.convert("hostile threads").await.unwrap(), hostile.png_of(7).await);
    hostile.assert_works().await;
}

#[tokio::test]
async fn garbage_on_the_socket_fails_the_call_and_the_next_call_works() {
    for behaviour in ["garbage", "empty packet", "garbage without end", "garbage with descriptors"] {
        breaks_the_protocol(behaviour).await;
    }
}

#[tokio::test]
async fn a_plugin_that_closes_all_files_fails_its_call_and_the_next_call_works() {
    breaks_the_protocol("close all").await;
    breaks_the_protocol("close all and spin").await;
}

#[tokio::test]
async fn a_plugin_that_reads_requests_away_harms_no_other_call() {
    let hostile = Hostile::new();
    let _ = hostile.convert("hostile swallowed requests").await;
    hostile.assert_works().await;
}

#[tokio::test]
async fn a_plugin_that_floods_its_output_is_listened_to_no_longer_than_it_takes() {
    let hostile = Hostile::new();
    assert_eq!(hostile.convert("hostile flood").await.unwrap(), hostile.png_of(7).await);
    hostile.assert_works().await;
}

#[tokio::test]
async fn pixels_of_one_picture_never_show_in_the_next() {
    let hostile = Hostile::new();
    for _ in 0..3 {
        assert_eq!(hostile.convert("hostile bright").await.unwrap(), hostile.png_of(255).await);
        assert_eq!(hostile.convert("hostile unwritten").await.unwrap(), hostile.png_of(0).await);
    }
}

#[tokio::test]
async fn a_plugin_that_calls_the_host_from_another_thread_harms_no_other_call() {
    let hostile = Hostile::new();
    for behaviour in ["another thread describes", "another thread paints"] {
        let _ = hostile.convert(&format!("hostile {behaviour}")).await;
        hostile.assert_works().await;
    }
}

#[tokio::test]
async fn a_plugins_sentence_is_cut_and_repaired() {
    let hostile = Hostile::new();
    assert_eq!(hostile.fail("sentence with NUL").await.message, "before after");
    assert_eq!(hostile.fail("sentence longer than its slot").await.message, "y".repeat(1012));
    let cut = hostile.fail("sentence that is cut in a letter").await.message;
    assert!(cut.starts_with("yää") && cut.ends_with("ä\u{fffd}"), "{cut}");
}

/// The plugin tries each, and says what came of it.
async fn are_refused(attempts: &[&str]) {
    let hostile = Hostile::new();
    for attempt in attempts {
        let error = hostile.fail(attempt).await;
        assert_eq!(error.kind, PluginErrorKind::Unsupported, "{attempt}: {error}");
        assert!(["refused: EPERM", "refused: EACCES"].contains(&error.message.as_str()), "{attempt}: {error}");
    }
    hostile.assert_works().await;
}

#[tokio::test]
async fn a_plugin_reaches_no_network() {
    are_refused(&["connect", "send a datagram", "make a local socket"]).await;
}

#[tokio::test]
async fn a_plugin_reaches_no_file_but_the_one_that_it_is_given() {
    are_refused(&[
        "read a system file",
        "read the executable",
        "read a library",
        "write a file",
        "remove a file",
        "change a mode",
        "change the mode of what is open",
    ])
    .await;
}

#[tokio::test]
async fn a_plugin_does_nothing_to_the_server() {
    are_refused(&[
        "read the server's environment",
        "read the server's memory",
        "signal the server",
        "signal everyone",
        "trace the server",
        "slow the server down",
    ])
    .await;
}

#[tokio::test]
async fn a_plugin_starts_no_program_and_escapes_no_limit() {
    are_refused(&["run a program", "start a process", "raise a limit", "make a file in memory", "share memory"]).await;
}

#[tokio::test]
async fn a_plugin_sees_nothing_of_the_servers_environment() {
    assert_eq!(Hostile::new().fail("read the environment").await.message, "empty");
}

#[tokio::test]
async fn a_plugin_that_ends_or_hangs_before_it_says_who_it_is_is_refused_and_the_others_stay() {
    let cases = [
        "CONSTRUCTOR_CRASHES",
        "CONSTRUCTOR_HANGS",
        "CONSTRUCTOR_EXITS",
        "INIT_CRASHES",
        "INIT_ABORTS",
        "INIT_EXITS",
        "INIT_HANGS",
    ];
    for case in cases {
        let plugins = with_hostile(Plugins::none().with_raster().with_source(UNLOADABLE, "bad", &[case]));
        let host = PluginHost::load(PluginHostSettings { call_timeout_ms: SHORT_MS, ..in_workers(&plugins) });
        let catalog = host.catalog();
        let [refusal] = catalog.refusals() else { panic!("{case}: {:?}", catalog.refusals()) };
        assert_eq!(refusal.path, plugins.library("bad"), "{case}");
        let hostile = Hostile { plugins, host };
        hostile.assert_works().await;
    }
}
