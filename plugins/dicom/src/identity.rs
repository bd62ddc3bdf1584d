//! The identifiers that group files: study, series, instance, patient.

use crate::attribute::text;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use lightbox_sdk::DicomIdentity;

/// Empty values count as absent.
pub fn read(object: &InMemDicomObject) -> DicomIdentity {
    DicomIdentity {
        study_instance_uid: text(object, tags::STUDY_INSTANCE_UID),
        series_instance_uid: text(object, tags::SERIES_INSTANCE_UID),
        sop_instance_uid: text(object, tags::SOP_INSTANCE_UID),
        patient_id: text(object, tags::PATIENT_ID),
        issuer_of_patient_id: text(object, tags::ISSUER_OF_PATIENT_ID),
        modality: text(object, tags::MODALITY),
        study_description: text(object, tags::STUDY_DESCRIPTION),
        instance_number: text(object, tags::INSTANCE_NUMBER).and_then(|number| number.parse().ok()),
    }
}
