//! Who is used for what: of several plugins with the same capability the one that the operator prefers, then the one of
//! the highest priority, then the one whose id comes first, so that the order of directories never matters.

use super::manifest::{Manifest, Offer};
use super::{PluginError, PluginErrorKind, PluginInfo, Refusal};
use crate::domain::digest::Digest;
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The plugins that are part of Lightbox.
const BUILT_IN: [&str; 5] =
    ["lightbox.raster", "lightbox.dicom", "lightbox.classification", "lightbox.detection", "lightbox.segmentation"];

/// A plugin file that told who it is.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) sha256: Digest,
    pub(super) manifest: Manifest,
    /// For people.
    pub(super) isolation: String,
}

/// A capability that calls reach.
struct Chosen<D> {
    /// Index into the plugins.
    plugin: usize,
    rank: Rank,
    /// Where it stands in the plugin's manifest.
    at: usize,
    descriptor: D,
}

/// The smaller, the more right; plugins are numbered by id.
type Rank = (usize, Reverse<i32>, usize);

/// All that is loaded, each list by id.
pub struct Catalog {
    plugins: Vec<PluginInfo>,
    refusals: Vec<Refusal>,
    image_formats: Vec<Chosen<ImageFormatDescriptor>>,
    annotation_types: Vec<Chosen<AnnotationTypeDescriptor>>,
}

impl Catalog {
    /// By id.
    pub fn plugins(&self) -> &[PluginInfo] {
        &self.plugins
    }

    /// Libraries that are not used, and capabilities that another plugin offers with more right.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// By id; one entry an id: the one that calls reach.
    pub fn image_formats(&self) -> impl Iterator<Item = (&ImageFormatDescriptor, &PluginInfo)> {
        self.image_formats.iter().map(|chosen| (&chosen.descriptor, &self.plugins[chosen.plugin]))
    }

    /// By id; one entry an id: the one that calls reach.
    pub fn annotation_types(&self) -> impl Iterator<Item = (&AnnotationTypeDescriptor, &PluginInfo)> {
        self.annotation_types.iter().map(|chosen| (&chosen.descriptor, &self.plugins[chosen.plugin]))
    }

    pub fn find_image_format(&self, id: &str) -> Option<(&ImageFormatDescriptor, &PluginInfo)> {
        self.image_formats().find(|(descriptor, _)| descriptor.id == id)
    }

    pub fn find_annotation_type(&self, id: &str) -> Option<(&AnnotationTypeDescriptor, &PluginInfo)> {
        self.annotation_types().find(|(descriptor, _)| descriptor.id == id)
    }

    /// `found`: one entry a plugin id, by id. `prefer`: plugin ids, the most wanted first.
    pub(super) fn new(found: &[Found], mut refusals: Vec<Refusal>, prefer: &[String]) -> Self {
        let mut plugins: Vec<PluginInfo> = found.iter().map(info).collect();
        for Found { path, manifest, .. } in found {
            for (iface, id) in &manifest.skipped {
                let reason = format!("this server does not know the interface {iface} that it offers it by");
                refusals.push(Refusal { path: path.clone(), name: format!("{}/{id}", manifest.id), reason });
            }
        }
        let mut choice = Choice { plugins: &plugins, prefer, refusals };
        let image_formats = choice.of("image format", found, |found| &found.image_formats, |each| &each.id);
        let annotation_types = choice.of("annotation type", found, |found| &found.annotation_types, |each| &each.id);
        let refusals = choice.refusals;
        for chosen in &image_formats {
            plugins[chosen.plugin].image_formats.push(chosen.descriptor.id.clone());
        }
        for chosen in &annotation_types {
            plugins[chosen.plugin].annotation_types.push(chosen.descriptor.id.clone());
        }
        Self { plugins, refusals, image_formats, annotation_types }
    }

    /// Index of the plugin that calls for this format go to.
    pub(super) fn require_image_format(&self, id: &str) -> Result<usize, PluginError> {
        let found = self.image_formats.iter().find(|chosen| chosen.descriptor.id == id);
        found.map(|chosen| chosen.plugin).ok_or_else(|| missing(format!("the image format {id}")))
    }

    /// Index of the plugin that writes pictures of this format.
    pub(super) fn require_encoder(&self, id: &str) -> Result<usize, PluginError> {
        let found = self.encoders().find(|(format, _)| *format == id);
        found.map(|(_, plugin)| plugin).ok_or_else(|| missing(format!("writing the image format {id}")))
    }

    /// Index of the plugin that calls for this type go to.
    pub(super) fn require_annotation_type(&self, id: &str) -> Result<usize, PluginError> {
        let found = self.annotation_types.iter().find(|chosen| chosen.descriptor.id == id);
        found.map(|chosen| chosen.plugin).ok_or_else(|| missing(format!("the annotation type {id}")))
    }

    /// Formats that write pictures, with the index of the plugin that offers each.
    pub(super) fn encoders(&self) -> impl Iterator<Item = (&str, usize)> {
        let writing = self.image_formats.iter().filter(|chosen| chosen.descriptor.encodes);
        writing.map(|chosen| (chosen.descriptor.id.as_str(), chosen.plugin))
    }

    /// Annotation types with the index of the plugin that offers each, by id.
    pub(super) fn annotation_type_owners(&self) -> impl Iterator<Item = (&str, usize)> {
        self.annotation_types.iter().map(|chosen| (chosen.descriptor.id.as_str(), chosen.plugin))
    }

    /// Of each plugin the formats that calls reach: place in its manifest, priority, id.
    pub(super) fn formats_by_plugin(&self) -> BTreeMap<usize, Vec<(usize, i32, &str)>> {
        let mut formats: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for Chosen { plugin, rank, at, descriptor } in &self.image_formats {
            formats.entry(*plugin).or_default().push((*at, rank.1.0, descriptor.id.as_str()));
        }
        formats
    }
}

/// Sorts of several plugins of the same id which one stays.
pub(super) fn keep_first(found: Vec<Found>, refusals: &mut Vec<Refusal>) -> Vec<Found> {
    let mut kept: Vec<Found> = Vec::new();
    for plugin in found {
        match kept.iter().find(|other| other.manifest.id == plugin.manifest.id) {
            Some(other) => {
                let reason = format!("a plugin of this id is already loaded from {}", other.path.display());
                refusals.push(Refusal { path: plugin.path, name: plugin.manifest.id, reason });
            }
            None => kept.push(plugin),
        }
    }
    kept.sort_by(|one, other| one.manifest.id.cmp(&other.manifest.id));
    kept
}

fn info(Found { path, sha256, manifest, isolation }: &Found) -> PluginInfo {
    PluginInfo {
        id: manifest.id.clone(),
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        vendor: manifest.vendor.clone(),
        path: path.clone(),
        sha256: Some(*sha256),
        isolation: isolation.clone(),
        built_in: BUILT_IN.contains(&manifest.id.as_str()),
        image_formats: Vec::new(),
        annotation_types: Vec::new(),
    }
}

struct Choice<'a> {
    plugins: &'a [PluginInfo],
    prefer: &'a [String],
    refusals: Vec<Refusal>,
}

impl Choice<'_> {
    /// Of each capability the offer with the most right; the others are refused.
    fn of<D: Clone>(
        &mut self,
        what: &str,
        found: &[Found],
        offers: impl Fn(&Manifest) -> &[Offer<D>],
        id: impl Fn(&D) -> &str,
    ) -> Vec<Chosen<D>> {
        let mut all = Vec::new();
        for (plugin, each) in found.iter().enumerate() {
            for (at, offer) in offers(&each.manifest).iter().enumerate() {
                let rank = (self.preference(&each.manifest.id), Reverse(offer.priority), plugin);
                all.push(Chosen { plugin, rank, at, descriptor: offer.descriptor.clone() });
            }
        }
        all.sort_by(|one, other| (id(&one.descriptor), one.rank).cmp(&(id(&other.descriptor), other.rank)));
        let mut chosen: Vec<Chosen<D>> = Vec::new();
        for offer in all {
            match chosen.last().filter(|winner| id(&winner.descriptor) == id(&offer.descriptor)) {
                Some(winner) => {
                    let refusal = self.shadowed(&format!("{what} {}", id(&offer.descriptor)), &offer, winner);
                    let name = format!("{}/{}", self.plugins[offer.plugin].id, id(&offer.descriptor));
                    self.refusals.push(Refusal { name, ..refusal });
                }
                None => chosen.push(offer),
            }
        }
        chosen
    }

    /// Plugins that the operator does not name come after all that he does.
    fn preference(&self, plugin: &str) -> usize {
        self.prefer.iter().position(|wanted| wanted == plugin).unwrap_or(usize::MAX)
    }

    fn shadowed<D>(&self, what: &str, loser: &Chosen<D>, winner: &Chosen<D>) -> Refusal {
        let (Reverse(priority), Reverse(winning)) = (loser.rank.1, winner.rank.1);
        let why = if winner.rank.0 < loser.rank.0 {
            "and plugins.prefer of the configuration puts it first".to_owned()
        } else if winning > priority {
            format!("at priority {winning} over {priority}")
        } else {
            format!("at the same priority {priority} and comes first by id")
        };
        let reason = format!("the plugin {} offers the {what} too, {why}", self.plugins[winner.plugin].id);
        Refusal { path: self.plugins[loser.plugin].path.clone(), name: String::new(), reason }
    }
}

fn missing(what: String) -> PluginError {
    let message = format!("no plugin of this server offers {what}: install one, or see why it was refused");
    PluginError { kind: PluginErrorKind::Unsupported, plugin: String::new(), message }
}
