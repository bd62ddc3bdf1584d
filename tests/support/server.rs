//! The real `lightbox` binary on a free port, with a data directory of its own.

use super::client::Client;
use super::plugin_libraries::built_in_plugin_dir;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tempfile::TempDir;

/// A server process; killed when dropped, and by a watchdog when the test process ends without dropping it.
pub struct Server {
    child: Child,
    address: String,
    folder: TempDir,
    settings: Vec<(String, String)>,
    log: Arc<Mutex<String>>,
    introduction: String,
    watchdog: Child,
}

/// One server for all tests that do not mind others beside them; each signs in as a user of its own.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| Server::with_settings(&[("LIGHTBOX_JOBS__PARALLEL", "4")]))
}

/// `lightbox` with the built-in plugins and nothing of the environment's own settings.
pub fn lightbox() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightbox"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LIGHTBOX_") {
            command.env_remove(name);
        }
    }
    let plugins = serde_json::json!([built_in_plugin_dir()]);
    command.env("LIGHTBOX_PLUGINS__DIRECTORIES", plugins.to_string());
    command
}

impl Server {
    pub fn start() -> Self {
        Self::with_settings(&[])
    }

    /// Settings as variables of the environment.
    pub fn with_settings(settings: &[(&str, &str)]) -> Self {
        Self::in_folder(TempDir::with_prefix("lightbox-test-").unwrap(), settings)
    }

    /// Over what stands in `data` of this folder.
    pub fn over(folder: TempDir) -> Self {
        Self::spawn(folder, Vec::new())
    }

    /// In a folder of one's own.
    pub fn in_folder(folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Self::spawn(folder, settings)
    }

    fn serve<S: AsRef<OsStr>>(folder: &Path, settings: &[(S, S)]) -> Command {
        let mut command = lightbox();
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.join("data"));
        command
    }

    fn spawn(folder: TempDir, settings: Vec<(String, String)>) -> Self {
        let mut command = Self::serve(folder.path(), &settings);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        drain(child.stderr.take().unwrap(), log.clone());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut introduction = String::new();
        let mut address = None;
        for line in lines.by_ref().map_while(Result::ok) {
            introduction.push_str(&line);
            introduction.push('\n');
            address = address.or_else(|| {
                line.strip_prefix("Listening on ")?.split_once("://").map(|(_, address)| address.to_owned())
            });
            if line.starts_with("GraphiQL is ") {
                break;
            }
        }
        let rest = lines.map_while(Result::ok);
        std::thread::spawn(move || rest.for_each(drop));
        let address = address.unwrap_or_else(|| panic!("the server did not start: {}", log.lock().unwrap()));
        let watchdog = watchdog(child.id(), folder.path());
        Self { child, address, folder, settings, log, introduction, watchdog }
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it printed for people when it started, up to where GraphiQL is.
    pub fn introduction(&self) -> &str {
        &self.introduction
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder that the data directory alone stands in: nothing may be written beside it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn admin_token(&self) -> String {
        std::fs::read_to_string(self.data_dir().join("admin-token")).unwrap().trim().to_owned()
    }

    pub fn admin(&self) -> Client {
        Client::new(&self.address, Some(self.admin_token()))
    }

    pub fn anonymous(&self) -> Client {
        Client::new(&self.address, None)
    }

    /// A client of a new user, who sees what is his alone.
    pub fn user(&self, name: &str) -> Client {
        Client::new(&self.address, Some(self.create_user(name)))
    }

    /// The new user's token.
    pub fn create_user(&self, name: &str) -> String {
        let output = self.run(&["user", "create", name]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout).lines().last().unwrap().trim().to_owned()
    }

    /// A command of the binary in this server's data directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = lightbox();
        command.env("LIGHTBOX_DATA_DIR", self.data_dir()).args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// SIGTERM; waits for the end.
    pub fn terminate(&mut self) -> ExitStatus {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }

    /// SIGKILL; waits for the end.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// A new process in the same data directory.
    pub fn restart(mut self) -> Self {
        self.start_again();
        self
    }

    /// `restart` in place.
    pub fn start_again(&mut self) {
        if self.is_running() {
            self.terminate();
        }
        self.end_watchdog();
        let folder = std::mem::replace(&mut self.folder, TempDir::new().unwrap());
        *self = Self::spawn(folder, std::mem::take(&mut self.settings));
    }

    /// A new process in the data directory of one that has ended, killed so long after its start.
    pub fn start_and_kill(&mut self, after: Duration) {
        let settings: Vec<(&str, &str)> =
            self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Self::kill_in_folder(self.folder.path(), &settings, after);
    }

    /// A process over what stands in `data` of this folder, killed so long after its start.
    pub fn kill_in_folder(folder: &Path, settings: &[(&str, &str)], after: Duration) {
        let mut command = Self::serve(folder, settings);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends the server and looks into its data directory with `lightbox check`, which must find nothing.
    pub fn end_and_check(&mut self) {
        if self.is_running() {
            assert!(self.terminate().success(), "{}", self.log());
        }
        let output = self.run(&["check"]);
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    }

    fn end_watchdog(&mut self) {
        // Gone already is as good.
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().filter(|line| !line.contains("request_log")).collect();
            eprintln!("the end of the server's log:\n{}", lines[lines.len().saturating_sub(60)..].join("\n"));
        }
        self.end_watchdog();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that ends the server and removes its folder as soon as this one is gone: its input closes then. Statics
/// are never dropped.
fn watchdog(server: u32, folder: &Path) -> Child {
    let script = "read _; kill -9 \"$1\"; while kill -0 \"$1\" 2>/dev/null; do sleep 0.1; done; rm -rf \"$2\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "watchdog", &server.to_string()]).arg(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn drain(mut from: impl Read + Send + 'static, into: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            into.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    });
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
