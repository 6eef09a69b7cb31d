CREATE TABLE `reviewItems` (
	`tree` integer NOT NULL,
	`review` text NOT NULL,
	`item` text NOT NULL,
	`kind` text NOT NULL,
	`org` integer NOT NULL,
	`to` text NOT NULL,
	`role` text,
	`decision` text,
	`reason` text,
	`decidedBy` text,
	`decidedAt` integer,
	`askedAt` integer,
	PRIMARY KEY(`tree`, `review`, `item`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`review`) REFERENCES `reviews`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `reviewItems_review` ON `reviewItems` (`review`);--> statement-breakpoint
CREATE TABLE `reviews` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`team` text,
	`startedBy` text NOT NULL,
	`startedAt` integer NOT NULL,
	`closedBy` text,
	`closedAt` integer,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `reviews_tree` ON `reviews` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `reviews_org` ON `reviews` (`org`);--> statement-breakpoint
ALTER TABLE `receipts` ADD `confirmedAt` integer;--> statement-breakpoint
ALTER TABLE `receipts` ADD `confirmedBy` text;