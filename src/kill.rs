//! Places where a test may kill this process, as a power cut would. Debug builds only: a release build has neither the
//! places nor their names.

#[cfg(debug_assertions)]
use std::sync::OnceLock;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicU32, Ordering};

/// The place that was chosen, and how often it is still passed before it kills.
#[cfg(debug_assertions)]
static PLAN: OnceLock<(String, AtomicU32)> = OnceLock::new();

/// Chooses a place: `accepted.inside`, or `accepted.inside:3` for the third time.
#[cfg(debug_assertions)]
pub fn choose(plan: &str) {
    let (name, times) = plan.split_once(':').unwrap_or((plan, "1"));
    let _ = PLAN.set((name.to_owned(), AtomicU32::new(times.parse().unwrap_or(1))));
}

/// Passes a place; does not return where this one was chosen.
#[cfg(debug_assertions)]
pub fn pass(name: &str) {
    let Some((chosen, times)) = PLAN.get() else { return };
    if chosen != name || times.fetch_sub(1, Ordering::Relaxed) != 1 {
        return;
    }
    // SIGKILL, so that nothing is flushed, closed or unwound. Nothing of this thread goes on meanwhile.
    let _ = std::process::Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status();
    loop {
        std::thread::park();
    }
}

/// A place where a test may kill this process. Nothing in a release build.
macro_rules! kill_point {
    ($name:literal) => {
        #[cfg(debug_assertions)]
        $crate::kill::pass($name);
    };
}
pub(crate) use kill_point;
