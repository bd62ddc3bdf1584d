//! Who is used for what: of several plugins with the same capability the one of the highest priority, then the one
//! whose id comes first, so that the order of directories never matters.

use super::annotation_type::AnnotationTypeCalls;
use super::description::{Description, Offer};
use super::image_format::ImageFormatCalls;
use super::{PluginInfo, Refusal};
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};
use std::path::PathBuf;
use std::sync::Arc;

/// The plugins that are part of Lightbox.
const BUILT_IN: [&str; 5] =
    ["lightbox.raster", "lightbox.dicom", "lightbox.classification", "lightbox.detection", "lightbox.segmentation"];

/// A capability that calls reach.
pub(super) struct Chosen<D, C> {
    /// Index into the plugins.
    pub(super) plugin: usize,
    pub(super) priority: i32,
    pub(super) descriptor: D,
    pub(super) calls: Arc<C>,
}

/// All that is loaded, each list by id.
pub(super) struct Registry {
    pub(super) plugins: Vec<PluginInfo>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) image_formats: Vec<Chosen<ImageFormatDescriptor, ImageFormatCalls>>,
    pub(super) annotation_types: Vec<Chosen<AnnotationTypeDescriptor, AnnotationTypeCalls>>,
}

impl Registry {
    /// `found` in the order in which it was found: of two plugins with the same id the first stays.
    pub(super) fn new(found: Vec<Description>, mut refusals: Vec<Refusal>) -> Self {
        let mut kept = keep_first(found, &mut refusals);
        kept.sort_by(|one, other| one.id.cmp(&other.id));
        let mut plugins: Vec<PluginInfo> = kept.iter().map(info).collect();
        for plugin in &mut kept {
            for (iface, id) in plugin.skipped.drain(..) {
                let reason = format!("this server does not know the interface {iface} that it offers it by");
                refusals.push(Refusal { path: plugin.path.clone(), name: format!("{}/{id}", plugin.id), reason });
            }
        }
        let (image_offers, annotation_offers): (Vec<_>, Vec<_>) =
            kept.into_iter().map(|plugin| (plugin.image_formats, plugin.annotation_types)).unzip();
        let image_formats = choose("image format", image_offers, &plugins, &mut refusals);
        let annotation_types = choose("annotation type", annotation_offers, &plugins, &mut refusals);
        for chosen in &image_formats {
            plugins[chosen.plugin].image_formats.push(chosen.descriptor.id.clone());
        }
        for chosen in &annotation_types {
            plugins[chosen.plugin].annotation_types.push(chosen.descriptor.id.clone());
        }
        Self { plugins, refusals, image_formats, annotation_types }
    }
}

fn keep_first(found: Vec<Description>, refusals: &mut Vec<Refusal>) -> Vec<Description> {
    let mut kept: Vec<Description> = Vec::new();
    for plugin in found {
        match kept.iter().find(|other| other.id == plugin.id) {
            Some(other) => {
                let reason = format!("a plugin of this id is already loaded from {}", other.path.display());
                refusals.push(Refusal { path: plugin.path, name: plugin.id, reason });
            }
            None => kept.push(plugin),
        }
    }
    kept
}

fn info(plugin: &Description) -> PluginInfo {
    PluginInfo {
        id: plugin.id.clone(),
        name: plugin.name.clone(),
        version: plugin.version.clone(),
        vendor: plugin.vendor.clone(),
        path: plugin.path.clone(),
        built_in: BUILT_IN.contains(&plugin.id.as_str()),
        image_formats: Vec::new(),
        annotation_types: Vec::new(),
    }
}

/// `offers`: of each plugin, in the order of `plugins`, which is by id.
fn choose<D, C>(
    what: &str,
    offers: Vec<Vec<Offer<D, C>>>,
    plugins: &[PluginInfo],
    refusals: &mut Vec<Refusal>,
) -> Vec<Chosen<D, C>> {
    let mut all: Vec<(usize, Offer<D, C>)> = offers
        .into_iter()
        .enumerate()
        .flat_map(|(plugin, offers)| offers.into_iter().map(move |offer| (plugin, offer)))
        .collect();
    all.sort_by(|(_, one), (_, other)| one.id.cmp(&other.id).then(other.priority.cmp(&one.priority)));
    let mut chosen: Vec<Chosen<D, C>> = Vec::new();
    let mut last_id = None;
    for (plugin, Offer { id, priority, descriptor, calls }) in all {
        match chosen.last().filter(|_| last_id.as_ref() == Some(&id)) {
            Some(winner) => {
                refusals.push(shadowed(what, &id, &plugins[plugin], priority, &plugins[winner.plugin], winner.priority))
            }
            None => {
                chosen.push(Chosen { plugin, priority, descriptor, calls });
                last_id = Some(id);
            }
        }
    }
    chosen
}

fn shadowed(what: &str, id: &str, loser: &PluginInfo, priority: i32, winner: &PluginInfo, winning: i32) -> Refusal {
    let why = if winning > priority {
        format!("at priority {winning} over {priority}")
    } else {
        format!("at the same priority {priority} and comes first by id")
    };
    let reason = format!("the plugin {} offers the {what} {id} too, {why}", winner.id);
    let path: PathBuf = loser.path.clone();
    Refusal { path, name: format!("{}/{id}", loser.id), reason }
}
