//! Table `images`: images of datasets.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "images")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub dataset_id: i64,
    pub position: i64,
    pub study_id: i64,
    pub study_position: i64,
    pub path: String,
    pub raw_path: Option<Vec<u8>>,
    pub format: String,
    pub width: i64,
    pub height: i64,
    pub frame_count: i64,
    pub bits_per_sample: i64,
    pub size_bytes: i64,
    pub sha256: Vec<u8>,
    pub pixel_digest: Vec<u8>,
    pub sop_instance_uid: Option<String>,
    pub patient_key: Option<Vec<u8>>,
    pub origin_image_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
