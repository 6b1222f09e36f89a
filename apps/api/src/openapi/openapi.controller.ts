import { Controller, Get } from '@nestjs/common';
import { Public } from '../auth/public.js';
import { openApiDocument } from './openapi-document.js';

@Public()
@Controller('openapi.json')
export class OpenApiController {
  private readonly document = openApiDocument();

  @Get()
  read(): object {
    return this.document;
  }
}
