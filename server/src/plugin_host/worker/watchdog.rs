//! Ends the worker when the server is gone, whatever the plugin is doing then.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::Result;
use std::os::fd::BorrowedFd;

/// While a file is being waited for it stays open, so that the server would not see that a plugin has closed it: the
/// thread lets go of it now and then.
const LOOK: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// A thread that only waits. (`PR_SET_PDEATHSIG` would tie the worker to the thread that started it, not the process.)
pub fn start(socket: BorrowedFd<'static>) -> Result<()> {
    let watch = move || {
        loop {
            let mut watched = [PollFd::new(&socket, PollFlags::empty())];
            // Nothing is asked for, so that only the end of the connection wakes the thread.
            if poll(&mut watched, Some(&LOOK)).is_ok() && !watched[0].revents().is_empty() {
                super::end();
            }
        }
    };
    std::thread::Builder::new().name("watchdog".to_owned()).stack_size(64 << 10).spawn(watch)?;
    Ok(())
}
