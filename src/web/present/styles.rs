//! Styles as pages show them.

use crate::store::presets::Preset;

/// The address of a style's picture.
pub fn picture(preset: &Preset) -> Option<String> {
    // Another picture has another name, so that a browser asks for it.
    let name = preset.picture.as_deref()?.rsplit('/').next()?;
    Some(format!("/presets/{}/{name}", preset.id))
}
