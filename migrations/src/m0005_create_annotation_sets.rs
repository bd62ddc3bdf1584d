//! Annotation sets, their labels with kept counts, and the annotations: one row an image, its annotations as columns.
//!
//! `annotated_image_labels` says which images carry which label, for pages filtered by label.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(annotation_sets()).await?;
        manager.create_table(labels()).await?;
        manager.create_table(annotated_images()).await?;
        manager.create_table(annotated_image_labels()).await?;
        create_indexes(
            manager,
            vec![
                index("annotation_sets", &["dataset_id", "id"]),
                index("labels", &["annotation_set_id", "position"]).unique().take(),
                index("annotated_images", &["image_id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["annotated_image_labels", "annotated_images", "labels", "annotation_sets"]).await
    }
}

fn annotation_sets() -> TableCreateStatement {
    Table::create()
        .table("annotation_sets")
        .col(id("id"))
        .col(number("dataset_id"))
        .col(text("name"))
        .col(text("annotation_type"))
        .col(text("source"))
        .col(number("created_at_ms"))
        .col(count("study_count"))
        .col(count("image_count"))
        .col(count("unlabelled_image_count"))
        .col(count("annotation_count"))
        .foreign_key(&mut belongs_to("annotation_sets", "dataset_id", "datasets"))
        .take()
}

fn labels() -> TableCreateStatement {
    Table::create()
        .table("labels")
        .col(id("id"))
        .col(number("annotation_set_id"))
        .col(number("position"))
        .col(text("name"))
        .col(count("image_count"))
        .col(count("study_count"))
        .col(count("annotation_count"))
        .foreign_key(&mut belongs_to("labels", "annotation_set_id", "annotation_sets"))
        .take()
}

fn annotated_images() -> TableCreateStatement {
    Table::create()
        .table("annotated_images")
        .col(number("annotation_set_id"))
        .col(number("position"))
        .col(number("image_id"))
        .col(bytes("annotations"))
        .primary_key(Index::create().col("annotation_set_id").col("position"))
        .foreign_key(&mut belongs_to("annotated_images", "annotation_set_id", "annotation_sets"))
        .foreign_key(&mut belongs_to("annotated_images", "image_id", "images"))
        .take()
}

fn annotated_image_labels() -> TableCreateStatement {
    Table::create()
        .table("annotated_image_labels")
        .col(number("annotation_set_id"))
        .col(number("label_position"))
        .col(number("position"))
        .primary_key(Index::create().col("annotation_set_id").col("label_position").col("position"))
        .foreign_key(&mut belongs_to("annotated_image_labels", "annotation_set_id", "annotation_sets"))
        .take()
}
