//! Rights of the process itself: it gains none, and those of a superuser go. Servers in containers often run as root.

use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_no_new_privs};

/// Reading stays until the plugin is loaded, because its file may belong to somebody else.
///
/// # Errors
/// What could not be given up.
pub(super) fn drop_all_but_reading() -> Result<(), String> {
    set_no_new_privs(true).map_err(|error| format!("new privileges are not ruled out: {error}"))?;
    keep(CapabilitySet::DAC_READ_SEARCH)
}

/// # Errors
/// What could not be given up.
pub(super) fn drop_all() -> Result<(), String> {
    keep(CapabilitySet::empty())
}

fn keep(kept: CapabilitySet) -> Result<(), String> {
    let told = |error| format!("the capabilities of a superuser stay: {error}");
    let kept = capabilities(None).map_err(told)?.permitted & kept;
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    set_capabilities(None, sets).map_err(told)
}
