/** What is read of a contract of the Open Data Contract Standard v3.1.0, once its schema has let it through. */
export interface Contract {
  readonly apiVersion: 'v3.1.0';
  readonly kind: 'DataContract';
  readonly id: string;
  readonly version: string;
  readonly status: string;
  readonly name?: string;
  readonly schema?: readonly SchemaObject[];
  readonly slaProperties?: readonly SlaProperty[];
}

export interface SchemaObject {
  readonly id?: string;
  readonly name: string;
  readonly physicalName?: string;
  readonly properties?: readonly Property[];
  readonly relationships?: readonly Relationship[];
  readonly quality?: readonly Quality[];
}

export interface Property {
  readonly id?: string;
  readonly name: string;
  readonly physicalName?: string;
  readonly logicalType?: string;
  readonly logicalTypeOptions?: Readonly<Record<string, unknown>>;
  readonly required?: boolean;
  readonly unique?: boolean;
  readonly primaryKey?: boolean;
  readonly primaryKeyPosition?: number;
  readonly properties?: readonly Property[];
  readonly items?: object;
  readonly relationships?: readonly Relationship[];
  readonly quality?: readonly Quality[];
}

export interface Relationship {
  readonly from?: string | readonly string[];
  readonly to: string | readonly string[];
}

export interface Quality extends Readonly<Record<string, unknown>> {
  readonly id?: string;
  readonly name?: string;
  readonly type?: 'text' | 'library' | 'sql' | 'custom';
  readonly metric?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly query?: string;
  readonly engine?: string;
  readonly severity?: string;
  readonly unit?: string;
}

export interface SlaProperty {
  readonly id?: string;
  readonly property: string;
  readonly value: string | number | boolean | null;
  readonly unit?: string;
  readonly element?: string;
}
