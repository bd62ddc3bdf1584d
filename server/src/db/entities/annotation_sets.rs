//! Table `annotation_sets`: annotation sets with their kept counts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "annotation_sets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub dataset_id: i64,
    pub name: String,
    pub annotation_type: String,
    pub source: String,
    pub created_at_ms: i64,
    pub study_count: i64,
    pub image_count: i64,
    pub unlabelled_image_count: i64,
    pub annotation_count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
