//! Table `datasets`: datasets with their kept counts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "datasets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub owner_id: i64,
    pub name: String,
    pub name_key: String,
    pub reserved_name: Option<String>,
    pub status: String,
    pub created_at_ms: i64,
    pub image_formats: String,
    pub study_count: i64,
    pub image_count: i64,
    pub annotation_set_count: i64,
    pub size_bytes: i64,
    pub creation_job_id: Option<i64>,
    pub content_revision: i64,
    pub digest: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
